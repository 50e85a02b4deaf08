cp source made
sh hold.sh copied
echo copied
