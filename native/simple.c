/* The rows of interceptions.def as functions. */
#include "hook.h"

/* Whoever calls these has the declarations of its own libc; here they are only defined. */
#define VT_CALL(type, name, parameters, arguments, ...) VT_EXPORT type name parameters;
#define VT_LIBRARY VT_CALL
#define VT_POINTER VT_CALL
#define VT_OTHER(name)
#include "interceptions.def"
#undef VT_CALL
#undef VT_LIBRARY
#undef VT_POINTER

#define VT_CALL(type, name, parameters, arguments, ...)                                            \
  type name parameters {                                                                           \
    struct vt_hook hook;                                                                           \
    long result;                                                                                   \
    vt_hook_begin(&hook, VT_SYSTEM(__VA_ARGS__));                                                  \
    if (!vt_hook_direct(&hook, VT_REAL_##name, &result))                                           \
      result = VT_REAL(type, name, parameters) arguments;                                          \
    vt_hook_end(&hook, result, vt_error_if(result < 0));                                           \
    return (type)result;                                                                           \
  }

#define VT_LIBRARY(type, name, parameters, arguments, ...)                                         \
  type name parameters {                                                                           \
    if (vt_real(VT_REAL_##name) == 0) return (type)vt_answer(-VT_ENOSYS);                          \
    struct vt_hook hook;                                                                           \
    vt_hook_begin(&hook, VT_SYSTEM(__VA_ARGS__));                                                  \
    hook.system.number = -1; /* Its result is not that of the system call. */                      \
    type result = VT_REAL(type, name, parameters) arguments;                                       \
    vt_hook_end(&hook, result, vt_error_if(result < 0));                                           \
    return result;                                                                                 \
  }

#define VT_POINTER(type, name, parameters, arguments, ...)                                         \
  type name parameters {                                                                           \
    if (vt_real(VT_REAL_##name) == 0) {                                                            \
      (void)vt_answer(-VT_ENOSYS);                                                                 \
      return NULL;                                                                                 \
    }                                                                                              \
    struct vt_hook hook;                                                                           \
    vt_hook_begin(&hook, VT_SYSTEM(__VA_ARGS__));                                                  \
    hook.system.number = -1;                                                                       \
    type result = VT_REAL(type, name, parameters) arguments;                                       \
    vt_hook_end(&hook, 0, vt_error_if(result == NULL));                                            \
    return result;                                                                                 \
  }

#include "interceptions.def"
