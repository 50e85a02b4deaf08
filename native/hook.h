/* What every interposed function does around the real one. */
#ifndef VT_HOOK_H
#define VT_HOOK_H

#include "decode.h"
#include "real.h"

/* A system call as numbers. */
struct vt_system {
  long number;
  long arguments[6];
};

#define VT_SYSTEM_N(n, a, b, c, d, e, f, ...)                                                      \
  ((struct vt_system){(long)(n),                                                                   \
                      {(long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f)}})
#define VT_SYSTEM(...) VT_SYSTEM_N(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

struct vt_hook {
  struct vt_system system;
  struct vt_call call; /* Kind VT_NONE: nothing to record. */
  struct vt_pending pending;
};

/* Before the real call: decodes, and records what must be in the log first. */
VT_HIDDEN void vt_hook_begin(struct vt_hook *hook, struct vt_system system);
/* The same for a call that is not a system call. */
VT_HIDDEN void vt_hook_begin_call(struct vt_hook *hook, const struct vt_call *call);
/* After it. `error`: 0 or the errno. `result`: what the call returned. errno is left alone. */
VT_HIDDEN void vt_hook_end(struct vt_hook *hook, long result, int error);
/* Enters the kernel directly if that is what to do here; false: call libc. */
VT_HIDDEN bool vt_hook_direct(const struct vt_hook *hook, enum vt_real name, long *result);

/* The kernel answers a bad address with EFAULT; so must we, and not with a crash. After a call its
 * error tells, before it the kernel has to be asked. With ENAMETOOLONG the call will be refused, too, and there
 * need be no end to find. */
VT_HIDDEN bool vt_is_bad_pointer(const char *path);

/* For functions that return -1, or NULL, and set errno. */
static inline int vt_error_if(bool has_failed) { return has_failed ? *vt_errno() : 0; }

/* The flags of the open that a stream's mode asks for. */
VT_HIDDEN int vt_stream_flags(const char *mode);

/* Turns a pointer from vt_real into a function. */
#define VT_REAL(type, name, parameters) ((type(*) parameters)vt_real(VT_REAL_##name))

#endif
