/* realpath and its kin: libc looks at every name on the way, by calls of its own. */
#include "hook.h"

#define LINKS_MAX 40 /* The kernel's own limit. */

VT_EXPORT char *realpath(const char *path, char *out);
VT_EXPORT char *__realpath_chk(const char *path, char *out, size_t room);
VT_EXPORT char *canonicalize_file_name(const char *path);

static long look_at_link(const char *path, char *text) {
  long length = VT_SYS(__NR_readlinkat, AT_FDCWD, path, text, VT_PATH_MAX - 1);
  struct vt_call call = {.kind = VT_READLINK, .dirfd = AT_FDCWD, .path = path};
  vt_look(&vt_process.subject, &call,
          &(struct vt_outcome){.error = length < 0 ? (int)-length : 0, .fd = -1});
  return length;
}

/* `text` and what is left of the path become the path. False when that is too long. */
static bool follow(char *path, const char *rest, const char *text, size_t text_length) {
  size_t rest_length = vt_length(rest);
  if (text_length + 1 + rest_length + 1 > VT_LONG_PATH) return false;
  memmove(path + text_length + 1, rest, rest_length + 1);
  memcpy(path, text, text_length);
  path[text_length] = '/';
  return true;
}

/* From name to name, as libc does. `path` is absolute and is used up; `known` begins with its first
 * `length` bytes, and holds what has been found to be free of links. */
static void walk(char *path, size_t length, char *known, char *text) {
  int links = 0;
  for (char *at = path + length; length < VT_PATH_MAX;) {
    while (*at == '/') at++;
    size_t count = 0;
    while (at[count] != '\0' && at[count] != '/') count++;
    if (count == 0 || count + length + 2 > VT_PATH_MAX) return;
    const size_t parent = length;
    const bool is_up = count == 2 && at[0] == '.' && at[1] == '.';
    if (is_up)
      while (length > 0 && known[--length] != '/') {
      }
    if (!is_up && !(count == 1 && at[0] == '.')) {
      known[length++] = '/';
      memcpy(known + length, at, count);
      length += count;
    }
    at += count;
    if (length <= parent) continue;
    known[length] = '\0';
    long link = look_at_link(known, text);
    if (link == -VT_EINVAL) continue;
    if (link <= 0 || ++links > LINKS_MAX || !follow(path, at, text, (size_t)link)) return;
    length = text[0] == '/' ? 0 : parent;
    at = path;
  }
}

/* Where the filter is, it sees libc's own calls. */
static void record_way(const char *path) {
  if (!vt_is_traced() || vt_subject_now().reach == VT_BY_FILTER) return;
  if (path == NULL || vt_is_bad_pointer(path)) return;
  struct vt_scratch *scratch = vt_scratch_claim();
  if (scratch == NULL) return;
  struct vt_place place = {.dirfd = AT_FDCWD, .path = path, .is_following = true};
  struct vt_path from;
  struct vt_path cwd = {.length = 0}; /* Known to be free of links. */
  const struct vt_place here = {.dirfd = AT_FDCWD, .path = "."};
  if (*path != '/' && !vt_resolve(&here, scratch->target, &cwd)) cwd.length = 0;
  if (cwd.length == 1) cwd.length = 0;
  bool is_below = vt_resolve(&place, scratch->path, &from) && from.length > cwd.length &&
                  memcmp(from.text, scratch->target, cwd.length) == 0;
  if (from.length > 0) walk(scratch->path, is_below ? cwd.length : 0, scratch->target, scratch->spare);
  vt_scratch_release(scratch);
}

#define VT_REALPATH(name, parameters, arguments)                                                   \
  char *name parameters {                                                                          \
    if (vt_real(VT_REAL_##name) == 0) {                                                            \
      (void)vt_answer(-VT_ENOSYS);                                                                 \
      return NULL;                                                                                 \
    }                                                                                              \
    record_way(path);                                                                              \
    struct vt_hook hook;                                                                           \
    vt_hook_begin(&hook, VT_SYSTEM(__NR_newfstatat, AT_FDCWD, path));                              \
    hook.system.number = -1; /* Its result is not that of the system call. */                      \
    char *result = VT_REAL(char *, name, parameters) arguments;                                    \
    vt_hook_end(&hook, 0, vt_error_if(result == NULL));                                            \
    return result;                                                                                 \
  }

VT_REALPATH(realpath, (const char *path, char *out), (path, out))
VT_REALPATH(__realpath_chk, (const char *path, char *out, size_t room), (path, out, room))
VT_REALPATH(canonicalize_file_name, (const char *path), (path))
