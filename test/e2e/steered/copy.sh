cp source made
echo copied
