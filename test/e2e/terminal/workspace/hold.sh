# Prints, waits until a file `go-<name>` is there, and prints again.
echo "$1 begins"
printf '%s' "$2"
until [ -e "$HOLD/go-$1" ]; do sleep 0.02; done
echo "$1 ends"
