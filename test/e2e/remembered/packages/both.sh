printf 'one\n'
printf '\033[31mtwo\033[0m\n' >&2
printf 'three'
