/* Programs that libc runs in a child of its own making. */
#include "environment.h"
#include "exec.h"

extern char **environ __attribute__((weak));

typedef int spawn(int *pid, const char *path, const void *actions, const void *attributes,
                  char *const *arguments, char *const *environment);

VT_EXPORT spawn posix_spawn;
VT_EXPORT spawn posix_spawnp;
VT_EXPORT int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags,
                                               unsigned mode);
VT_EXPORT int system(const char *command);
VT_EXPORT void *popen(const char *command, const char *mode);

int posix_spawn(int *pid, const char *path, const void *actions, const void *attributes,
                char *const *arguments, char *const *environment) {
  struct vt_start start;
  vt_start_path(&start, AT_FDCWD, path);
  size_t room = vt_environment_room(environment, start.is_foreign);
  if (room > 0)
    environment = vt_environment_fill(__builtin_alloca(room), environment, start.is_foreign);
  int error = ((spawn *)vt_real(VT_REAL_posix_spawn))(pid, path, actions, attributes, arguments,
                                                      environment);
  vt_start_end(&start, error);
  return error;
}

int posix_spawnp(int *pid, const char *file, const void *actions, const void *attributes,
                 char *const *arguments, char *const *environment) {
  struct vt_start start;
  vt_start_search(&start, file);
  size_t room = vt_environment_room(environment, start.is_foreign);
  if (room > 0)
    environment = vt_environment_fill(__builtin_alloca(room), environment, start.is_foreign);
  return ((spawn *)vt_real(VT_REAL_posix_spawnp))(pid, file, actions, attributes, arguments,
                                                  environment);
}

/* The child will open it, inside libc. */
int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags, unsigned mode) {
  if (vt_is_traced() && !vt_is_bad_pointer(path) && path != NULL) {
    struct vt_call call = vt_open_call(AT_FDCWD, path, (uint64_t)(unsigned)flags);
    struct vt_pending pending;
    if (vt_is_write(&call))
      vt_write_begin(&vt_process.subject, &call, &pending);
    else
      vt_look(&vt_process.subject, &call, &(struct vt_outcome){.error = VT_NOT_YET, .fd = -1});
  }
  return VT_REAL(int, posix_spawn_file_actions_addopen, (void *, int, const char *, int, unsigned))(
      actions, fd, path, flags, mode);
}

/* The shell gets this process's own environment. Where our variables have been taken out of that,
 * only the filter can follow. */
static void start_shell(void) {
  struct vt_start start;
  vt_start_path(&start, AT_FDCWD, "/bin/sh");
  if (vt_environment_room(&environ == NULL ? NULL : environ, false) > 0 &&
      !vt_process.subject.is_filtered)
    vt_sinks_mark_program(&vt_process.sinks, VT_UNTRACED_PROGRAM, "/bin/sh");
}

int system(const char *command) {
  if (command != NULL) start_shell();
  return VT_REAL(int, system, (const char *))(command);
}

void *popen(const char *command, const char *mode) {
  start_shell();
  return VT_REAL(void *, popen, (const char *, const char *))(command, mode);
}
