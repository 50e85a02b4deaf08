# Does not hear Ctrl-C, and hides the cursor and has the terminal hand over every key, as programs that draw their own screen do.
trap '' INT
if [ -t 0 ]; then
  stty -icanon -echo
  printf '\033[?25l'
fi
sh ../../hold.sh "$1"
if [ -t 0 ]; then
  stty icanon echo
  printf '\033[?25h'
fi
