# Shows what can be read.
for part in parts/*; do cat "$part" 2> /dev/null || echo "none of $part"; done
