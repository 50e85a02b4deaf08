date +%N > made
