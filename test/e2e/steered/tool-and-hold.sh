tool > made
sh hold.sh ran
