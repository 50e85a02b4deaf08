# Runs "$@" after each of four edits of one size, on a file system that counts whole seconds: an ext4
# with inodes of 128 bytes, in the file $1, mounted at $2.
image=$1 place=$2
shift 2
truncate -s 20M "$image"
mkfs.ext4 -q -I 128 "$image" 2> /dev/null
mount -o loop "$image" "$place" || exit
cp package.json vite-task.json "$place"
cd "$place" || exit
for text in one two six ten; do
  echo "$text" > source
  "$@"
done
