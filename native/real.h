/* The functions that ours stand in front of. */
#ifndef VT_REAL_H
#define VT_REAL_H

#include "process.h"

enum vt_real {
#define VT_CALL(type, name, parameters, arguments, ...) VT_REAL_##name,
#define VT_LIBRARY VT_CALL
#define VT_POINTER VT_CALL
#define VT_OTHER(name) VT_REAL_##name,
#include "interceptions.def"
#undef VT_CALL
#undef VT_LIBRARY
#undef VT_POINTER
#undef VT_OTHER
  VT_REAL_COUNT
};

/* The next definition of a name after ours in the order of the loader, 0 when there is none. */
VT_HIDDEN uintptr_t vt_real(enum vt_real name);

/* Whether to enter the kernel through the gate instead: libc's own code would be reported again, or
 * this libc lacks the function. Never when another preloaded library stands in between. */
VT_HIDDEN bool vt_is_direct(enum vt_real name);

/* Finds out where to look them up: later, that would not be safe everywhere. */
VT_HIDDEN void vt_resolve_real(void);

/* A kernel's answer as libc gives it: -1 and errno. */
VT_HIDDEN long vt_answer(long result);

/* An object that the loader has mapped, as both libcs describe it. */
struct vt_object {
  uintptr_t base;
  const char *name;
  const void *segments;
  uint16_t segment_count;
};
typedef int vt_object_visitor(struct vt_object *object, size_t bytes, void *context);
extern int dl_iterate_phdr(vt_object_visitor *visitor, void *context) __attribute__((weak));

#endif
