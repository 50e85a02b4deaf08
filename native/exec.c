#include "exec.h"

#include "environment.h"
#include "filter.h"
#include "inspect.h"

#include <stdarg.h>

extern char **environ __attribute__((weak));

#define MAY_READ 4
#define MAY_WRITE 2

static bool may_open(const char *path, int mode) {
  return VT_SYS(__NR_faccessat, AT_FDCWD, path, mode) == 0;
}

/* Whoever has become another user, or has another root directory, may not get at our files once the
 * capabilities are gone that an exec takes away; and to one who is two users at once the loader gives no
 * library of others. */
static bool can_load(void) {
  if (VT_SYS(__NR_getuid) != VT_SYS(__NR_geteuid) || VT_SYS(__NR_getgid) != VT_SYS(__NR_getegid))
    return false;
  for (int i = 0; i < vt_process.sinks.count; i++)
    if (!may_open(vt_process.sinks.channels[i].path, MAY_READ | MAY_WRITE)) return false;
  return may_open(vt_process.variables[VT_LIBRARY], MAY_READ);
}

static void mark(const struct vt_start *start, enum vt_incomplete reason) {
  struct vt_scratch *scratch = vt_scratch_claim();
  if (scratch == NULL) {
    vt_sinks_mark(&vt_process.sinks, VT_CHANNEL_FULL);
    return;
  }
  struct vt_place place = {.dirfd = start->call.dirfd, .path = start->call.path, .is_following = true};
  struct vt_path path;
  bool is_known = vt_resolve(&place, scratch->path, &path) && path.length > 0;
  vt_sinks_mark_program(&vt_process.sinks, reason, is_known ? path.text : "a program");
  vt_scratch_release(scratch);
}

/* Without the library only the filter is left, and the supervisor takes on nobody but its own user. */
static void do_without_library(struct vt_start *start, enum vt_reach reach) {
  start->cannot_load = true;
  if (reach == VT_BY_FILTER) return;
  if (!vt_sinks_are_own(&vt_process.sinks)) {
    start->needs_filter = false;
    mark(start, VT_PRIVILEGED_PROGRAM);
  } else if (reach == VT_ON_DEMAND) {
    start->needs_filter = true;
  } else {
    mark(start, VT_UNTRACED_PROGRAM);
  }
}

void vt_start_path(struct vt_start *start, int dirfd, const char *path, char *const *environment) {
  *start = (struct vt_start){.call = {.kind = VT_NONE}};
  if (!vt_is_traced() || vt_is_bad_pointer(path)) return;
  start->call = (struct vt_call){.kind = VT_EXECUTE, .is_following = true, .dirfd = dirfd, .path = path};
  const struct vt_subject subject = vt_subject_now();
  struct vt_execution execution = vt_exec_begin(&subject, &start->call, &start->pending);
  const char *libraries = vt_variable(environment, "LD_LIBRARY_PATH");
  start->cannot_load = execution.program == VT_PROGRAM_FOREIGN;
  start->needs_filter = execution.needs_filter || vt_loads_from_roots(&subject, libraries);
  if (!can_load()) do_without_library(start, subject.reach);
}

/* Nothing but this thread's standing with the kernel may change: after vfork all else is the parent's. */
void vt_start_here(const struct vt_start *start) {
  if (start->needs_filter)
    (void)vt_filter_enter(&vt_process.sinks, vt_process.variables[VT_SOCKET], VT_THIS_THREAD);
}

void vt_start_end(const struct vt_start *start, int error) {
  if (start->call.kind != VT_NONE && error != 0)
    vt_write_end(&vt_process.subject, &start->call, &start->pending, error);
}

/*
 * Where execvp and posix_spawnp would find `file`, by the caller's PATH, into `found`. What they
 * look at on the way is recorded. False: let libc find out why it cannot be run.
 */
static bool search(const char *file, char *found, size_t capacity) {
  const char *list = vt_variable(&environ == NULL ? NULL : environ, "PATH");
  if (list == NULL) list = "/bin:/usr/bin";
  for (;;) {
    size_t length = 0;
    while (list[length] != ':' && list[length] != '\0') length++;
    if (length + vt_length(file) + 2 < capacity) {
      memcpy(found, list, length);
      if (length > 0) found[length++] = '/';
      found[length] = '\0';
      (void)vt_append(found, capacity, file);
      if (length > 0) length--;
      struct vt_stamp stamp = vt_stamp_at(AT_FDCWD, found, true);
      bool is_file = vt_stamp_type(&stamp) == VT_TYPE_FILE;
      if (is_file && VT_SYS(__NR_faccessat, AT_FDCWD, found, 1 /* X_OK */) == 0) return true;
      struct vt_call call = {.kind = VT_EXECUTE, .is_following = true, .dirfd = AT_FDCWD, .path = found};
      struct vt_pending unused;
      vt_write_begin(&vt_process.subject, &call, &unused);
    }
    if (list[length] == '\0') return false;
    list += length + 1;
  }
}

const char *vt_start_search(struct vt_start *start, const char *file, char *const *environment,
                            char *room) {
  *start = (struct vt_start){.call = {.kind = VT_NONE}};
  if (!vt_is_traced() || file == NULL || vt_is_bad_pointer(file) || *file == '\0') return NULL;
  const char *at = file;
  while (*at != '\0' && *at != '/') at++;
  if (*at == '\0' && !search(file, room, VT_PATH_MAX)) return NULL;
  const char *path = *at == '/' ? file : room;
  vt_start_path(start, AT_FDCWD, path, environment);
  if (path == room) start->call.kind = VT_NONE; /* libc may go on to the next candidate. */
  return path;
}

static int end_exec(const struct vt_start *start, long result) {
  vt_start_end(start, vt_error_if(result < 0));
  return (int)result;
}

int vt_exec(const struct vt_exec *exec) {
  struct vt_start start;
  char *const *environment = exec->environment;
  vt_start_path(&start, exec->dirfd, exec->path, environment);
  struct vt_change change = {.cannot_load = start.cannot_load};
  size_t room = vt_environment_room(environment, &change);
  if (room > 0) environment = vt_environment_fill(__builtin_alloca(room), environment, &change);
  vt_start_here(&start);
  bool is_at = exec->name == VT_REAL_execveat || exec->name == VT_REAL_fexecve;
  const char *path = exec->path == NULL ? "" : exec->path;
  long result;
  if (vt_is_direct(exec->name) && is_at)
    result = vt_answer(VT_SYS(__NR_execveat, exec->dirfd, path, exec->arguments, environment, exec->flags));
  else if (vt_is_direct(exec->name))
    result = vt_answer(VT_SYS(__NR_execve, path, exec->arguments, environment));
  else if (exec->name == VT_REAL_execveat)
    result = VT_REAL(int, execveat, (int, const char *, char *const *, char *const *, int))(
        exec->dirfd, path, exec->arguments, environment, exec->flags);
  else if (exec->name == VT_REAL_fexecve)
    result = VT_REAL(int, fexecve, (int, char *const *, char *const *))(exec->dirfd, exec->arguments,
                                                                        environment);
  else
    result = VT_REAL(int, execve, (const char *, char *const *, char *const *))(path, exec->arguments,
                                                                                environment);
  return end_exec(&start, result);
}

VT_EXPORT int execv(const char *path, char *const *arguments);
VT_EXPORT int fexecve(int fd, char *const *arguments, char *const *environment);
VT_EXPORT int execvpe(const char *file, char *const *arguments, char *const *environment);
VT_EXPORT int execvp(const char *file, char *const *arguments);
VT_EXPORT int execl(const char *path, const char *argument, ...);
VT_EXPORT int execlp(const char *file, const char *argument, ...);
VT_EXPORT int execle(const char *path, const char *argument, ...);

int execve(const char *path, char *const *arguments, char *const *environment) {
  return vt_exec(&(struct vt_exec){VT_REAL_execve, AT_FDCWD, path, arguments, environment, 0});
}

int execv(const char *path, char *const *arguments) { return execve(path, arguments, environ); }

int execveat(int fd, const char *path, char *const *arguments, char *const *environment, int flags) {
  bool is_fd = (flags & AT_EMPTY_PATH) != 0 && path != NULL && *path == '\0';
  return vt_exec(&(struct vt_exec){VT_REAL_execveat, fd, is_fd ? NULL : path, arguments, environment, flags});
}

int fexecve(int fd, char *const *arguments, char *const *environment) {
  return vt_exec(&(struct vt_exec){VT_REAL_fexecve, fd, NULL, arguments, environment, AT_EMPTY_PATH});
}

int execvpe(const char *file, char *const *arguments, char *const *environment) {
  struct vt_start start = {.call = {.kind = VT_NONE}};
  struct vt_scratch *scratch = vt_scratch_claim();
  if (scratch != NULL) {
    (void)vt_start_search(&start, file, environment, scratch->path);
    vt_scratch_release(scratch);
  }
  struct vt_change change = {.cannot_load = start.cannot_load};
  size_t room = vt_environment_room(environment, &change);
  if (room > 0) environment = vt_environment_fill(__builtin_alloca(room), environment, &change);
  vt_start_here(&start);
  int result = VT_REAL(int, execvpe, (const char *, char *const *, char *const *))(file, arguments,
                                                                                  environment);
  return end_exec(&start, result);
}

int execvp(const char *file, char *const *arguments) { return execvpe(file, arguments, environ); }

/* The arguments of a list, and room for their array on the caller's own stack. */
#define VT_COLLECT(argument)                                                                       \
  va_list list;                                                                                    \
  size_t count = 1;                                                                                \
  va_start(list, argument);                                                                        \
  while (va_arg(list, char *) != NULL) count++;                                                    \
  va_end(list);                                                                                    \
  const char **arguments = __builtin_alloca((count + 1) * sizeof(char *));                         \
  va_start(list, argument);                                                                        \
  arguments[0] = argument;                                                                         \
  for (size_t i = 1; i <= count; i++) arguments[i] = va_arg(list, const char *)

int execl(const char *path, const char *argument, ...) {
  VT_COLLECT(argument);
  va_end(list);
  return execve(path, (char *const *)arguments, environ);
}

int execlp(const char *file, const char *argument, ...) {
  VT_COLLECT(argument);
  va_end(list);
  return execvpe(file, (char *const *)arguments, environ);
}

int execle(const char *path, const char *argument, ...) {
  VT_COLLECT(argument);
  char *const *environment = va_arg(list, char *const *);
  va_end(list);
  return execve(path, (char *const *)arguments, environment);
}
