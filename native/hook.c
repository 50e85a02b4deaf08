#include "hook.h"

#include <linux/stat.h>

void vt_hook_begin(struct vt_hook *hook, struct vt_system system) {
  struct vt_call call = {.kind = VT_NONE};
  if (vt_is_traced()) vt_decode(system.number, (const uint64_t *)system.arguments, &call);
  if (vt_note(&vt_process.subject, &call)) call.kind = VT_NONE;
  vt_hook_begin_call(hook, &call);
  hook->system = system;
}

static bool is_bad_text(const char *text);

void vt_hook_begin_call(struct vt_hook *hook, const struct vt_call *call) {
  hook->system.number = -1;
  hook->call = *call;
  if (!vt_is_write(call)) return;
  /* A single path is looked at before it is read. */
  bool is_bad = call->target != NULL && (vt_is_bad_pointer(call->path) || vt_is_bad_pointer(call->target));
  if (is_bad || is_bad_text(call->text))
    hook->call.kind = VT_NONE;
  else
    vt_write_begin(&vt_process.subject, call, &hook->pending);
}

static long ask_for(const char *path) { return VT_SYS(__NR_faccessat, AT_FDCWD, path, 0); }

bool vt_is_bad_pointer(const char *path) {
  if (path == NULL) return false;
  long answer = ask_for(path);
  return answer == -VT_EFAULT || answer == -VT_ENAMETOOLONG;
}

/* What a link says may have longer names than a path may, but not be longer. */
static bool is_bad_text(const char *text) {
  if (text == NULL) return false;
  long answer = ask_for(text);
  if (answer != -VT_ENAMETOOLONG) return answer == -VT_EFAULT;
  size_t length = 0;
  while (length < VT_PATH_MAX && text[length] != '\0') length++;
  return length == VT_PATH_MAX;
}

static bool stamp_from_result(const struct vt_hook *hook, struct vt_stamp *stamp) {
  if (hook->system.number != __NR_newfstatat || hook->system.arguments[2] == 0) return false;
  *stamp = vt_stamp_from((const struct stat *)hook->system.arguments[2]);
  return true;
}

/* The descriptor of what was looked at: of a file without a name, the directory that it is made in was. */
static int opened(const struct vt_system *system, long result) {
  if (system->number != __NR_openat) return -1;
  return (system->arguments[2] & O_TMPFILE) == O_TMPFILE ? -1 : (int)result;
}

void vt_hook_end(struct vt_hook *hook, long result, int error) {
  const struct vt_call *call = &hook->call;
  if (call->kind == VT_NONE) return;
  if (vt_is_write(call)) {
    vt_write_end(&vt_process.subject, call, &hook->pending, error);
    return;
  }
  struct vt_stamp stamp;
  bool has_stamp = error == 0 && stamp_from_result(hook, &stamp);
  struct vt_outcome outcome = {.error = error,
                               .fd = opened(&hook->system, result),
                               .stamp = has_stamp ? &stamp : NULL};
  vt_look(&vt_process.subject, call, &outcome);
}

bool vt_hook_direct(const struct vt_hook *hook, enum vt_real name, long *result) {
  if (!vt_is_direct(name)) return false;
  uintptr_t gate = vt_process.is_gated ? vt_gate : 0;
  long answer = vt_enter(gate, hook->system.number, hook->system.arguments);
  /* A call that this kernel does not have yet: libc knows how to do without. */
  if (answer == -VT_ENOSYS && vt_real(name) != 0) return false;
  *result = vt_answer(answer);
  return true;
}

int vt_stream_flags(const char *mode) {
  if (mode == NULL) return O_RDONLY;
  bool is_both = false;
  int more = 0;
  for (const char *at = mode; *at != '\0' && *at != ','; at++) {
    if (*at == '+') is_both = true;
    if (*at == 'x') more |= O_EXCL;
    if (*at == 'e') more |= O_CLOEXEC;
  }
  int access = is_both ? O_RDWR : O_WRONLY;
  if (*mode == 'w') return access | O_CREAT | O_TRUNC | more;
  if (*mode == 'a') return access | O_CREAT | O_APPEND | more;
  return (is_both ? O_RDWR : O_RDONLY) | (more & O_CLOEXEC);
}
