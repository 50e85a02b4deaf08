/* Functions that list directories. */
#include "hook.h"

static void list_after(int dirfd, const char *path, int error) {
  if (!vt_is_traced()) return;
  struct vt_call call = {.kind = VT_LIST, .is_following = true, .dirfd = dirfd, .path = path};
  struct vt_outcome outcome = {.error = error, .fd = -1};
  vt_look(&vt_process.subject, &call, &outcome);
}

/* In two steps where libc's own open would be reported a second time. */
static void *open_directory(const char *path) {
  if (!vt_process.is_gated || !vt_is_direct(VT_REAL_opendir))
    return VT_REAL(void *, opendir, (const char *))(path);
  long fd = vt_answer(vt_open_file(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK));
  if (fd < 0) return NULL;
  void *result = VT_REAL(void *, fdopendir, (int))((int)fd);
  if (result == NULL) vt_close((int)fd);
  return result;
}

VT_EXPORT void *opendir(const char *path);
void *opendir(const char *path) {
  void *result = open_directory(path);
  list_after(AT_FDCWD, path, vt_error_if(result == NULL));
  return result;
}

VT_EXPORT void *fdopendir(int fd);
void *fdopendir(int fd) {
  void *result = VT_REAL(void *, fdopendir, (int))(fd);
  if (result != NULL) list_after(fd, NULL, 0);
  return result;
}

#define VT_SCAN(name, parameters, arguments, dirfd)                                                \
  VT_EXPORT int name parameters;                                                                   \
  int name parameters {                                                                            \
    if (vt_real(VT_REAL_##name) == 0) return (int)vt_answer(-VT_ENOSYS);                           \
    int count = VT_REAL(int, name, parameters) arguments;                                          \
    list_after(dirfd, path, vt_error_if(count < 0));                                               \
    return count;                                                                                  \
  }

VT_SCAN(scandir, (const char *path, void *list, void *filter, void *order), (path, list, filter, order), AT_FDCWD)
VT_SCAN(scandir64, (const char *path, void *list, void *filter, void *order), (path, list, filter, order), AT_FDCWD)
VT_SCAN(scandirat, (int fd, const char *path, void *list, void *filter, void *order), (fd, path, list, filter, order), fd)
VT_SCAN(scandirat64, (int fd, const char *path, void *list, void *filter, void *order), (fd, path, list, filter, order), fd)

VT_EXPORT long getdents64(int fd, void *buffer, size_t size);
long getdents64(int fd, void *buffer, size_t size) {
  struct vt_hook hook;
  long result;
  vt_hook_begin(&hook, VT_SYSTEM(__NR_getdents64, fd, buffer, size));
  if (!vt_hook_direct(&hook, VT_REAL_getdents64, &result))
    result = VT_REAL(long, getdents64, (int, void *, size_t))(fd, buffer, size);
  if (result >= 0) vt_hook_end(&hook, result, 0);
  return result;
}

#define VT_DIRENTRIES(name)                                                                        \
  VT_EXPORT long name(int fd, char *buffer, size_t size, long *base);                              \
  long name(int fd, char *buffer, size_t size, long *base) {                                       \
    if (vt_real(VT_REAL_##name) == 0) return vt_answer(-VT_ENOSYS);                                \
    long result = VT_REAL(long, name, (int, char *, size_t, long *))(fd, buffer, size, base);      \
    if (result >= 0) list_after(fd, NULL, 0);                                                      \
    return result;                                                                                 \
  }

VT_DIRENTRIES(getdirentries)
VT_DIRENTRIES(getdirentries64)

/* These walk the tree inside libc, where only the filter sees them. */
#define VT_WALK(type, name, parameters, arguments)                                                 \
  VT_EXPORT type name parameters;                                                                  \
  type name parameters {                                                                           \
    if (vt_real(VT_REAL_##name) == 0) return (type)vt_answer(-VT_ENOSYS);                          \
    vt_expect_direct_calls_of_program();                                                           \
    return VT_REAL(type, name, parameters) arguments;                                              \
  }

VT_WALK(int, ftw, (const char *path, void *visit, int depth), (path, visit, depth))
VT_WALK(int, ftw64, (const char *path, void *visit, int depth), (path, visit, depth))
VT_WALK(int, nftw, (const char *path, void *visit, int depth, int flags), (path, visit, depth, flags))
VT_WALK(int, nftw64, (const char *path, void *visit, int depth, int flags), (path, visit, depth, flags))
VT_WALK(void *, fts_open, (void *paths, int options, void *order), (paths, options, order))
VT_WALK(void *, fts64_open, (void *paths, int options, void *order), (paths, options, order))
VT_WALK(int, glob, (const char *pattern, int flags, void *error, void *out), (pattern, flags, error, out))
VT_WALK(int, glob64, (const char *pattern, int flags, void *error, void *out), (pattern, flags, error, out))
VT_WALK(int, wordexp, (const char *words, void *out, int flags), (words, out, flags))

/* A look at the directory, taken before a relative path would mean something else. */
static void look_ahead(const char *path) {
  long error = VT_SYS(__NR_faccessat, AT_FDCWD, path, 0);
  if (error == -VT_EFAULT || !vt_is_traced()) return;
  struct vt_call call = {
      .kind = VT_PROBE, .is_following = true, .dirfd = AT_FDCWD, .path = path};
  struct vt_outcome outcome = {.error = (int)-error, .fd = -1};
  vt_look(&vt_process.subject, &call, &outcome);
}

VT_EXPORT int chdir(const char *path);
int chdir(const char *path) {
  look_ahead(path);
  return VT_REAL(int, chdir, (const char *))(path);
}
