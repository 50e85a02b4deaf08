/* A filter under which the kernel reports the calls that name a path. */
#ifndef REPORTED_H
#define REPORTED_H

#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* For a listener: the two take turns, so that each is woken on the processor of the other. Since Linux 6.6. */
#define SET_FLAGS _IOW('!', 4, __u64)
#define TAKE_TURNS 1UL

static const int reported[] = {
    SYS_newfstatat, SYS_openat,   SYS_statx,     SYS_readlinkat, SYS_faccessat, SYS_faccessat2,
    SYS_unlinkat,   SYS_mkdirat,  SYS_renameat2, SYS_renameat,   SYS_linkat,    SYS_symlinkat,
    SYS_openat2,    SYS_fchmodat, SYS_utimensat,
#ifdef SYS_open
    SYS_open,       SYS_stat,     SYS_lstat,     SYS_access,     SYS_readlink,  SYS_rename,
    SYS_unlink,     SYS_mkdir,    SYS_rmdir,     SYS_chmod,      SYS_symlink,   SYS_link,
#endif
};
enum { reported_count = sizeof reported / sizeof *reported, more_max = 8 };

/* Puts this thread under it, with `count` numbers of `more` calls to be reported. Returns the listener, or -1. */
static int install(const int *more, int count) {
  struct sock_filter code[reported_count + more_max + 3];
  int at = 0, all = reported_count + count;
  code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (int i = 0; i < all; i++) {
    int number = i < reported_count ? reported[i] : more[i - reported_count];
    code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, all - i, 0);
  }
  code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
  struct sock_fprog program = {at, code};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                      SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
}

#endif
