# Does not hear Ctrl-C, and has the terminal hand over every key, as programs that draw their own screen do.
trap '' INT
[ ! -t 0 ] || stty -icanon -echo
sh ../../hold.sh "$1"
