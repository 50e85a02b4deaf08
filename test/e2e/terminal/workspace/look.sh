# Says what it sees of the terminal.
for fd in 0 1 2; do [ -t $fd ] && echo "$fd is a terminal"; done
stty size
printf '\033[31mred\033[0m\n'
