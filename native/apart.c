#include "apart.h"

#define STACK_BYTES 65536U
#define SET_MASK 2 /* SIG_SETMASK */

/* With every signal blocked: a handler would run on memory that is shared. */
long vt_run_apart(int (*function)(void *), void *argument) {
  uint8_t *stack = vt_map_memory(STACK_BYTES);
  if (stack == NULL) return -VT_ENOMEM;
  const uint64_t all = ~UINT64_C(0);
  uint64_t before = 0;
  (void)VT_SYS(__NR_rt_sigprocmask, SET_MASK, &all, &before, sizeof all);
  long pid = vt_clone_call(function, argument, stack + STACK_BYTES);
  (void)VT_SYS(__NR_rt_sigprocmask, SET_MASK, &before, 0, sizeof before);
  vt_unmap(stack, STACK_BYTES);
  return pid;
}

int vt_wait_apart(long pid) {
  if (vt_failed(pid)) return (int)-pid;
  int status = 0;
  long waited;
  do {
    waited = VT_SYS(__NR_wait4, pid, &status, 0x80000000L /* __WCLONE */, 0);
  } while (waited == -VT_EINTR);
  return waited == pid && (status & 0x7f) == 0 ? status >> 8 & 0xff : VT_EINVAL;
}
