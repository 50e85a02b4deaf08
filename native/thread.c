#include "thread.h"

extern int pthread_create(unsigned long *thread, const void *attributes, void *(*run)(void *),
                          void *argument) __attribute__((weak));
extern int pthread_detach(unsigned long thread) __attribute__((weak));
extern int pthread_join(unsigned long thread, void **result) __attribute__((weak));

static long start(unsigned long *thread, void *(*run)(void *), void *argument);

long vt_thread_start(void *(*run)(void *), void *argument) {
  if (pthread_detach == NULL) return -VT_ENOSYS;
  unsigned long thread = 0;
  long error = start(&thread, run, argument);
  if (error == 0) (void)pthread_detach(thread);
  return error;
}

void vt_thread_share(void *(*run)(void *), void *argument) {
  unsigned long thread = 0;
  bool is_shared = pthread_join != NULL && start(&thread, run, argument) == 0;
  (void)run(argument);
  if (is_shared) (void)pthread_join(thread, NULL);
}

static long start(unsigned long *thread, void *(*run)(void *), void *argument) {
  if (pthread_create == NULL) return -VT_ENOSYS;
  const uint64_t all = ~UINT64_C(0);
  uint64_t before = 0;
  (void)VT_SYS(__NR_rt_sigprocmask, 2 /* SIG_SETMASK */, &all, &before, sizeof all);
  int error = pthread_create(thread, NULL, run, argument);
  (void)VT_SYS(__NR_rt_sigprocmask, 2, &before, 0, sizeof before);
  return -error;
}
