# Holds four times: in the background, in a session of its own, and as itself with a child.
(sh ../../hold.sh "$1" &)
setsid sh ../../hold.sh "$1" &
sh ../../hold.sh "$1" &
sh ../../hold.sh "$1"
