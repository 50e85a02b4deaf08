# Reads a file, a folder and a program, looks for a file that is not there, and says what it found.
mkdir -p made/deep
cat source parts/* > made/deep/all
ls parts > made/names
tool > made/tool
[ -e optional ] && echo optional
[ -d folder ] && echo folder
cat made/deep/all
