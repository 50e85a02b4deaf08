echo first > made
sh hold.sh begun
echo second >> made
