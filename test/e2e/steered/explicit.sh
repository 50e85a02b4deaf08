sh hold.sh before
cat source > made
sh hold.sh after
