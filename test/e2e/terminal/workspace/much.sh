# A hundred megabytes, in lines.
yes 'a line of text that is repeated until there are a hundred megabytes of it' | head -c 100000000
