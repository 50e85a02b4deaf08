/*
 * What it costs a program that the kernel reports its calls, whoever listens:
 *
 *     notified [-s] <program> [argument…]
 *
 * runs the program under a filter that reports every call that names a path or lists a directory, and
 * lets each go on without a look at it. `-s`: the kernel is told that the two take turns, so that it wakes
 * the one on the processor of the other (since Linux 6.6). Ends with the program's code.
 */
#include "reported.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

static const int more[] = {SYS_getdents64, SYS_execve, SYS_chdir};

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
    *listener = install(more, sizeof more / sizeof *more);
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
