/* Opens with an optional mode, streams, and names that libc makes up. */
#include "hook.h"

#include <stdarg.h>

/* The mode is there only when the flags say so; reading it otherwise is not for us to do. */
static bool has_mode(int flags) {
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

#define VT_OPEN_AT(name, parameters, dirfd, arguments)                                             \
  VT_EXPORT int name parameters;                                                                   \
  int name parameters {                                                                            \
    unsigned mode = 0;                                                                             \
    if (has_mode(flags)) {                                                                         \
      va_list list;                                                                                \
      va_start(list, flags);                                                                       \
      mode = va_arg(list, unsigned);                                                               \
      va_end(list);                                                                                \
    }                                                                                              \
    struct vt_hook hook;                                                                           \
    long result;                                                                                   \
    vt_hook_begin(&hook, VT_SYSTEM(__NR_openat, dirfd, path, flags, mode));                        \
    if (!vt_hook_direct(&hook, VT_REAL_##name, &result))                                           \
      result = VT_REAL(int, name, parameters) arguments;                                           \
    vt_hook_end(&hook, result, vt_error_if(result < 0));                                           \
    return (int)result;                                                                            \
  }

#define VT_OPEN(name) VT_OPEN_AT(name, (const char *path, int flags, ...), AT_FDCWD, (path, flags, mode))
#define VT_OPENAT(name) VT_OPEN_AT(name, (int fd, const char *path, int flags, ...), fd, (fd, path, flags, mode))

VT_OPEN(open)
VT_OPEN(open64)
VT_OPEN(__open)
VT_OPEN(__open64)
VT_OPENAT(openat)
VT_OPENAT(openat64)

extern void *fdopen(int fd, const char *mode) __attribute__((weak));

/* One of which every libc makes an open and a stream around what was opened, and nothing more: what glibc reads
 * no further, and what is not the same everywhere, is libc's to understand. */
static bool is_plain_mode(const char *mode) {
  if (mode == NULL || (*mode != 'r' && *mode != 'w' && *mode != 'a')) return false;
  for (int i = 1; i <= 5; i++) {
    char letter = mode[i];
    if (letter == '\0') return true;
    bool is_known = letter == '+' || letter == 'b' || letter == 'e' || (letter == 'x' && *mode != 'r');
    if (!is_known) return false;
  }
  return false;
}

static void *make_stream(long fd, const char *mode) {
  if (fd < 0) return NULL;
  void *stream = fdopen((int)fd, mode);
  if (stream == NULL) vt_close((int)fd);
  return stream;
}

/* In two steps where libc's own open would be reported a second time. */
#define VT_STREAM(name)                                                                            \
  VT_EXPORT void *name(const char *path, const char *mode);                                        \
  void *name(const char *path, const char *mode) {                                                 \
    if (vt_real(VT_REAL_##name) == 0) {                                                            \
      (void)vt_answer(-VT_ENOSYS);                                                                 \
      return NULL;                                                                                 \
    }                                                                                              \
    struct vt_hook hook;                                                                           \
    long fd;                                                                                       \
    vt_hook_begin(&hook, VT_SYSTEM(__NR_openat, AT_FDCWD, path, vt_stream_flags(mode), 0666));     \
    if (fdopen != NULL && is_plain_mode(mode) && vt_hook_direct(&hook, VT_REAL_##name, &fd)) {     \
      vt_hook_end(&hook, fd, vt_error_if(fd < 0));                                                 \
      return make_stream(fd, mode);                                                                \
    }                                                                                              \
    hook.system.number = -1; /* A stream is no descriptor. */                                      \
    void *stream = VT_REAL(void *, name, (const char *, const char *))(path, mode);                \
    vt_hook_end(&hook, 0, vt_error_if(stream == NULL));                                            \
    return stream;                                                                                 \
  }

VT_STREAM(fopen)
VT_STREAM(fopen64)
VT_STREAM(_IO_fopen)

/* The name is known only afterwards. Nothing stood there, or libc would have taken another. */
static void record_made(const char *path, enum vt_kind kind, uint32_t detail) {
  if (!vt_is_traced()) return;
  struct vt_call call = {.kind = (uint8_t)kind, .detail = detail, .dirfd = AT_FDCWD, .path = path};
  vt_write_made(&vt_process.subject, &call);
}

#define VT_MAKE_FILE(name, parameters, arguments)                                                  \
  VT_EXPORT int name parameters;                                                                   \
  int name parameters {                                                                            \
    if (vt_real(VT_REAL_##name) == 0) return (int)vt_answer(-VT_ENOSYS);                           \
    int fd = VT_REAL(int, name, parameters) arguments;                                             \
    if (fd >= 0)                                                                                   \
      record_made(template, VT_WRITE, VT_OPEN_READS | VT_OPEN_CREATES | VT_OPEN_EXCLUSIVE);        \
    return fd;                                                                                     \
  }

VT_MAKE_FILE(mkstemp, (char *template), (template))
VT_MAKE_FILE(mkstemp64, (char *template), (template))
VT_MAKE_FILE(mkostemp, (char *template, int flags), (template, flags))
VT_MAKE_FILE(mkostemp64, (char *template, int flags), (template, flags))
VT_MAKE_FILE(mkstemps, (char *template, int suffix), (template, suffix))
VT_MAKE_FILE(mkstemps64, (char *template, int suffix), (template, suffix))
VT_MAKE_FILE(mkostemps, (char *template, int suffix, int flags), (template, suffix, flags))
VT_MAKE_FILE(mkostemps64, (char *template, int suffix, int flags), (template, suffix, flags))

VT_EXPORT char *mkdtemp(char *template);
char *mkdtemp(char *template) {
  if (vt_real(VT_REAL_mkdtemp) == 0) {
    (void)vt_answer(-VT_ENOSYS);
    return NULL;
  }
  char *result = VT_REAL(char *, mkdtemp, (char *))(template);
  if (result != NULL) record_made(template, VT_MAKE_DIRECTORY, 0);
  return result;
}

VT_EXPORT char *tempnam(const char *directory, const char *prefix);
char *tempnam(const char *directory, const char *prefix) {
  char *result = VT_REAL(char *, tempnam, (const char *, const char *))(directory, prefix);
  struct vt_hook hook;
  vt_hook_begin(&hook, VT_SYSTEM(__NR_newfstatat, AT_FDCWD, result, 0, AT_SYMLINK_NOFOLLOW));
  if (result != NULL) vt_hook_end(&hook, -1, VT_ENOENT);
  return result;
}
