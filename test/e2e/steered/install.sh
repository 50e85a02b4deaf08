rm -rf node_modules
mkdir node_modules
cp source node_modules/installed
echo installed
