/* What kind of program a file is, and so whether the preload library can see what it does. */
#ifndef VT_INSPECT_H
#define VT_INSPECT_H

#include "record.h"

enum vt_program {
  VT_PROGRAM_NONE, /* Cannot be read, or the kernel will not run it. */
  VT_PROGRAM_DYNAMIC,
  VT_PROGRAM_SCRIPT, /* `interpreter` says what runs it. */
  VT_PROGRAM_STATIC, /* No loader, so no preload library. */
  VT_PROGRAM_RAW, /* Has a loader but enters the kernel by itself: Go, Bun. */
  VT_PROGRAM_FOREIGN, /* For another processor. */
};

/* Whether a file lies where the system's package manager puts things. Code from there calls the
 * kernel through libc; what else there is may not. */
VT_HIDDEN bool vt_is_of_system(const char *path);

/* The same of a program that has a loader, by its real path. Node's own code is known too. */
VT_HIDDEN bool vt_may_call_directly(const char *path);

/* Whether a program was inspected in this step already, by the same absolute path, and is plain: found out
 * once, and not each time that it runs. */
VT_HIDDEN bool vt_is_known_program(const struct vt_sinks *sinks, const char *path);

/* What comes of an exec. */
struct vt_execution {
  enum vt_program program; /* What runs in the end: no script. */
  bool needs_filter; /* It would pass by the preload library, and the filter is to be had. */
};

/* Records that `call` (of kind VT_EXECUTE) is about to run a program, and the interpreters it names,
 * and marks what will go unseen. */
VT_HIDDEN struct vt_execution vt_exec_begin(const struct vt_subject *subject, const struct vt_call *call,
                                            struct vt_pending *pending);

/* Whether the loader, which runs before the preload library, would look for libraries in a traced
 * directory. `list`: LD_LIBRARY_PATH, or NULL. False where nothing can be done about it. */
VT_HIDDEN bool vt_loads_from_roots(const struct vt_subject *subject, const char *list);

#endif
