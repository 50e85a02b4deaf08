# Asks the person at the terminal.
printf 'name? '
read -r name
echo "hello $name"
