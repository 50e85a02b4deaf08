syscall(425, 4, 0);
exit $!;
