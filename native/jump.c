/* dlopen and syscall: reported, then jumped to, see VT_JUMP. */
#include "address.h"
#include "exec.h"
#include "inspect.h"
#include "memory.h"

#include <linux/openat2.h>

VT_JUMP(dlopen, vt_report_dlopen);
VT_JUMP(dlmopen, vt_report_dlmopen);
VT_JUMP(syscall, vt_report_syscall);

/* Called from assembly only. */
VT_HIDDEN uintptr_t vt_report_dlopen(const char *path);
VT_HIDDEN uintptr_t vt_report_dlmopen(long space, const char *path);
VT_HIDDEN uintptr_t vt_report_syscall(long number, long a, long b, long c, long d, long e);

static void report_object(const char *path) {
  if (!vt_is_traced()) return;
  vt_record_objects(); /* What earlier ones brought along. */
  const char *at = path;
  while (at != NULL && *at != '\0' && *at != '/') at++;
  if (at == NULL || *at == '\0') return; /* Searched for among the system's. */
  struct vt_call call = {.kind = VT_READ, .is_following = true, .dirfd = AT_FDCWD, .path = path};
  vt_look(&vt_process.subject, &call, &(struct vt_outcome){.error = VT_NOT_YET, .fd = -1});
  if (vt_is_foreign_code(path)) vt_expect_direct_calls(path);
}

uintptr_t vt_report_dlopen(const char *path) {
  report_object(path);
  return vt_real(VT_REAL_dlopen);
}

uintptr_t vt_report_dlmopen(long space, const char *path) {
  (void)space;
  report_object(path);
  return vt_real(VT_REAL_dlmopen);
}

static void begin_openat2(struct vt_hook *hook, const struct vt_system *system) {
  struct open_how how;
  struct vt_call call = {.kind = VT_NONE};
  if (vt_read_memory(0, (uint64_t)system->arguments[2], &how, sizeof how) == 0)
    call = vt_open_how_call((int)system->arguments[0], (const char *)system->arguments[1], &how);
  if (vt_note(&vt_process.subject, &call)) call.kind = VT_NONE;
  vt_hook_begin_call(hook, &call);
}

static long traced_syscall(long number, long a, long b, long c, long d, long e, long f) {
  struct vt_system system = {number, {a, b, c, d, e, f}};
  struct vt_hook hook;
  if (number == VT_OPENAT2)
    begin_openat2(&hook, &system);
  else
    vt_hook_begin(&hook, system);
  long answer = vt_enter(vt_process.is_gated ? vt_gate : 0, number, system.arguments);
  vt_hook_end(&hook, answer, vt_failed(answer) ? (int)-answer : 0);
  return vt_answer(answer);
}

static long traced_execve(long number, const char *path, char *const *arguments, char *const *environment) {
  (void)number;
  return execve(path, arguments, environment);
}

static long traced_execveat(long number, int fd, const char *path, char *const *arguments,
                            char *const *environment, int flags) {
  (void)number;
  return execveat(fd, path, arguments, environment, flags);
}

static long traced_connect(long number, int fd, const void *address, unsigned bytes) {
  (void)number;
  return connect(fd, address, bytes);
}

static long traced_bind(long number, int fd, const void *address, unsigned bytes) {
  (void)number;
  return bind(fd, address, bytes);
}

/* io_uring opens files where neither libc nor the filter sees it; programs do without. */
static long refuse(long number) {
  (void)number;
  (void)vt_note(&vt_process.subject, &(struct vt_call){.kind = VT_RING});
  return vt_answer(-VT_ENOSYS);
}

uintptr_t vt_report_syscall(long number, long a, long b, long c, long d, long e) {
  if (!vt_is_traced()) return vt_real(VT_REAL_syscall);
  switch (number) {
    case __NR_io_uring_setup: return (uintptr_t)refuse;
    case __NR_execve: return (uintptr_t)traced_execve;
    case __NR_execveat: return (uintptr_t)traced_execveat;
    case __NR_connect: return (uintptr_t)traced_connect;
    case __NR_bind: return (uintptr_t)traced_bind;
    case VT_OPENAT2: return (uintptr_t)traced_syscall;
    default: break;
  }
  const uint64_t arguments[6] = {(uint64_t)a, (uint64_t)b, (uint64_t)c, (uint64_t)d, (uint64_t)e, 0};
  struct vt_call call;
  vt_decode(number, arguments, &call);
  return call.kind == VT_NONE ? vt_real(VT_REAL_syscall) : (uintptr_t)traced_syscall;
}
