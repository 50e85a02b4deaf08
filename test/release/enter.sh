# enter.sh <root> <vt> <emulator or ""> <"dev proc"> <command...>: runs the command in a system of its own. Everything
# that is mounted, and the emulator for arm64, is known to this namespace only and ends with it.
set -e
root=$1
vt=$2
emulator=$3
system=$4
shift 4
if [ -n "$emulator" ]; then
  mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
  # Programs for arm64, by the head of their file. F: it is found now, not in the new root. P: busybox
  # goes by the name that it is called.
  printf '%s' ':vt:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:'"$emulator:FP" \
    > /proc/sys/fs/binfmt_misc/register
fi
for name in $system; do mount --rbind "/$name" "$root/$name"; done
mount --bind "$vt" "$root/bin/vt"
exec chroot "$root" "$@"
