tool > made
