# Comes to the point `family` four times: as an orphan, in a session of its own, as a program that has no
# loader, and itself.
(sh hold.sh family &)
setsid sh hold.sh family &
busybox sh hold.sh family &
sh hold.sh family
