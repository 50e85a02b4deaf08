# Makes a file for each name, and looks at none that is there.
mkdir -p out
for name in $(cat names); do echo "$name" > "out/$name"; done
