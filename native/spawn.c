/* Programs that libc runs in a child of its own making. */
#include "environment.h"
#include "exec.h"

extern char **environ __attribute__((weak));

typedef int spawn(int *pid, const char *path, const void *actions, const void *attributes,
                  char *const *arguments, char *const *environment);

struct vt_spawn {
  int *pid;
  const void *actions;
  const void *attributes;
  char *const *arguments;
  char *const *environment;
  const char *path; /* Where the program is, NULL when that is not known. */
  struct vt_start start;
};

VT_EXPORT spawn posix_spawn;
VT_EXPORT spawn posix_spawnp;
VT_EXPORT int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags,
                                               unsigned mode);
VT_EXPORT int posix_spawn_file_actions_addchdir_np(void *actions, const char *path);
VT_EXPORT int posix_spawn_file_actions_addfchdir_np(void *actions, int fd);
VT_EXPORT int system(const char *command);
VT_EXPORT void *popen(const char *command, const char *mode);

/* Some child is to start in another directory: what a relative path means there, only the filter tells. */
static uint32_t has_directory_action;

static void expect_elsewhere(const char *path) {
  if (path != NULL && *path != '/' && __atomic_load_n(&has_directory_action, __ATOMIC_RELAXED) != 0)
    vt_expect_direct_calls_of_program();
}

/* A program that needs the filter is run through the launcher, which enters it in the child. */
static int run(spawn *real, const char *file, const struct vt_spawn *how) {
  struct vt_change change = {.cannot_load = how->start.cannot_load};
  if (how->start.needs_filter && change.cannot_load)
    vt_expect_direct_calls(how->path); /* The launcher is out of reach, too. */
  else if (how->start.needs_filter && VT_SYS(__NR_faccessat, AT_FDCWD, how->path, 1 /* X_OK */) == 0)
    change.launched = how->path;
  char *const *environment = how->environment;
  size_t room = vt_environment_room(environment, &change);
  if (room > 0) environment = vt_environment_fill(__builtin_alloca(room), environment, &change);
  expect_elsewhere(how->path);
  const char *target = change.launched == NULL ? file : vt_process.variables[VT_LIBRARY];
  return real(how->pid, target, how->actions, how->attributes, how->arguments, environment);
}

int posix_spawn(int *pid, const char *path, const void *actions, const void *attributes,
                char *const *arguments, char *const *environment) {
  struct vt_spawn how = {pid, actions, attributes, arguments, environment, path, {.cannot_load = false}};
  vt_start_path(&how.start, AT_FDCWD, path, environment);
  int error = run((spawn *)vt_real(VT_REAL_posix_spawn), path, &how);
  vt_start_end(&how.start, error);
  return error;
}

int posix_spawnp(int *pid, const char *file, const void *actions, const void *attributes,
                 char *const *arguments, char *const *environment) {
  struct vt_spawn how = {pid, actions, attributes, arguments, environment, NULL, {.cannot_load = false}};
  struct vt_scratch *scratch = vt_scratch_claim();
  if (scratch != NULL) how.path = vt_start_search(&how.start, file, environment, scratch->path);
  int error = run((spawn *)vt_real(VT_REAL_posix_spawnp), file, &how);
  if (scratch != NULL) vt_scratch_release(scratch);
  return error;
}

int posix_spawn_file_actions_addchdir_np(void *actions, const char *path) {
  __atomic_store_n(&has_directory_action, 1, __ATOMIC_RELAXED);
  return VT_REAL(int, posix_spawn_file_actions_addchdir_np, (void *, const char *))(actions, path);
}

int posix_spawn_file_actions_addfchdir_np(void *actions, int fd) {
  __atomic_store_n(&has_directory_action, 1, __ATOMIC_RELAXED);
  return VT_REAL(int, posix_spawn_file_actions_addfchdir_np, (void *, int))(actions, fd);
}

/* The child will open it, inside libc. */
int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags, unsigned mode) {
  if (vt_is_traced() && !vt_is_bad_pointer(path) && path != NULL) {
    expect_elsewhere(path);
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

/* The shell is started out of reach, with this process's own environment. Where it needs the filter, or
 * our variables have been taken out of that, this process enters it. */
static void start_shell(void) {
  struct vt_start start;
  char *const *environment = &environ == NULL ? NULL : environ;
  vt_start_path(&start, AT_FDCWD, "/bin/sh", environment);
  const struct vt_change change = {.cannot_load = false};
  if (start.needs_filter || vt_environment_room(environment, &change) > 0) vt_expect_direct_calls("/bin/sh");
}

int system(const char *command) {
  if (command != NULL) start_shell();
  return VT_REAL(int, system, (const char *))(command);
}

void *popen(const char *command, const char *mode) {
  start_shell();
  return VT_REAL(void *, popen, (const char *, const char *))(command, mode);
}
