# enter-as.sh <root> <user> <command...>: runs the command in the system at <root>, in a namespace of its own.
set -e
root=$1
user=$2
shift 2
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
exec chroot --userspec="$user" "$root" "$@"
