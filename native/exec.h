/* Running programs. */
#ifndef VT_EXEC_H
#define VT_EXEC_H

#include "hook.h"

/* A program that is about to run. */
struct vt_start {
  struct vt_call call;
  struct vt_pending pending;
  bool cannot_load; /* It is for another processor, or our files are out of its reach. */
  bool needs_filter; /* Whoever becomes it has to enter the filter before. */
};

/* Records it. `path` NULL: the program behind the descriptor. */
VT_HIDDEN void vt_start_path(struct vt_start *start, int dirfd, const char *path,
                             char *const *environment);
/* The same for a name that is looked for along PATH. Returns the path that it has, in `room`
 * (VT_PATH_MAX bytes) if it was looked for; NULL when it was not found. */
VT_HIDDEN const char *vt_start_search(struct vt_start *start, const char *file,
                                      char *const *environment, char *room);
/* Enters the filter if need be: this process is about to become the program. */
VT_HIDDEN void vt_start_here(const struct vt_start *start);
/* It did not run after all. */
VT_HIDDEN void vt_start_end(const struct vt_start *start, int error);

/* An exec by the kernel's own rules. */
struct vt_exec {
  enum vt_real name;
  int dirfd;
  const char *path; /* NULL: the program behind `dirfd`. */
  char *const *arguments;
  char *const *environment;
  int flags;
};
VT_HIDDEN int vt_exec(const struct vt_exec *exec);

VT_EXPORT int execve(const char *path, char *const *arguments, char *const *environment);
VT_EXPORT int execveat(int fd, const char *path, char *const *arguments, char *const *environment,
                       int flags);

#endif
