# Says that it has come to the point named $1, and waits until the test lets it go on, or is over.
: > "$SIGNALS/$1.$$"
until [ -e "$SIGNALS/go-$1" ] || [ ! -d "$SIGNALS" ]; do sleep 0.02; done
