sh hold.sh clearing
rm -f made
