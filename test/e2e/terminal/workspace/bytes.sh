# Text that is none: bytes that no encoding has, NUL, and an escape sequence.
printf 'a\377\376b\000c\033[1md\n'
