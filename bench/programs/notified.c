/*
 * What it costs a program that the kernel reports its calls, whoever listens:
 *
 *     notified [-s] <program> [argument…]
 *
 * runs the program under a filter that reports every call that names a path or lists a directory, and
 * lets each go on without a look at it. `-s`: the kernel is told that the two take turns, so that it wakes
 * the one on the processor of the other (since Linux 6.6). Ends with the program's code.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SET_FLAGS _IOW('!', 4, __u64)
#define TAKE_TURNS 1UL

static const int reported[] = {
    SYS_newfstatat, SYS_openat,   SYS_statx,    SYS_readlinkat, SYS_faccessat, SYS_faccessat2,
    SYS_getdents64, SYS_unlinkat, SYS_mkdirat,  SYS_renameat2,  SYS_renameat,  SYS_linkat,
    SYS_symlinkat,  SYS_openat2,  SYS_fchmodat, SYS_utimensat,  SYS_execve,    SYS_chdir,
#ifdef SYS_open
    SYS_open,       SYS_stat,     SYS_lstat,    SYS_access,     SYS_readlink,  SYS_rename,
    SYS_unlink,     SYS_mkdir,    SYS_rmdir,    SYS_chmod,      SYS_symlink,   SYS_link,
#endif
};
enum { count = sizeof reported / sizeof *reported };

static int install(void) {
  struct sock_filter code[count + 3];
  code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (int i = 0; i < count; i++)
    code[1 + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, reported[i], count - i, 0);
  code[count + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  code[count + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
  struct sock_fprog program = {count + 3, code};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                      SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
}

static void answer(int listener) {
  for (;;) {
    struct pollfd ready = {listener, POLLIN, 0};
    if (poll(&ready, 1, -1) < 0 || (ready.revents & POLLIN) == 0) return; /* Nobody is left. */
    struct seccomp_notif notice;
    memset(&notice, 0, sizeof notice);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notice) != 0) continue;
    struct seccomp_notif_resp go_on = {.id = notice.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &go_on);
  }
}

int main(int argc, char **argv) {
  bool takes_turns = argc > 1 && strcmp(argv[1], "-s") == 0;
  volatile int *listener = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  *listener = -1;
  int child = (int)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0); /* One table of descriptors. */
  if (child == 0) {
    *listener = install();
    if (*listener < 0) _exit(125);
    syscall(SYS_unshare, CLONE_FILES);
    close(*listener);
    execvp(argv[takes_turns ? 2 : 1], argv + (takes_turns ? 2 : 1));
    _exit(127);
  }
  while (*listener == -1) sched_yield();
  if (takes_turns && ioctl(*listener, SET_FLAGS, TAKE_TURNS) != 0) return 125;
  answer(*listener);
  int status;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}
