# Comes to the point `printing` in a session of its own, and prints for as long as anybody reads it.
setsid sh hold.sh printing > /dev/null 2>&1 &
while :; do echo more; done
