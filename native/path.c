#include "path.h"

#include "known.h"
#include "stamp.h"

#define SCRATCH_SLOTS 16

static struct vt_scratch scratch_slots[SCRATCH_SLOTS];
VT_EARLY static uint32_t scratch_taken;

struct vt_scratch *vt_scratch_claim(void) {
  uint32_t taken = __atomic_load_n(&scratch_taken, __ATOMIC_RELAXED);
  while (taken != (1U << SCRATCH_SLOTS) - 1) {
    int slot = __builtin_ctz(~taken);
    if (__atomic_compare_exchange_n(&scratch_taken, &taken, taken | 1U << slot, true,
                                    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
      return &scratch_slots[slot];
  }
  /* Many threads at once, or slots lost to a fork in the middle of a call. */
  return vt_map_memory(sizeof(struct vt_scratch));
}

void vt_scratch_release(struct vt_scratch *scratch) {
  if (scratch >= scratch_slots && scratch < scratch_slots + SCRATCH_SLOTS)
    __atomic_fetch_and(&scratch_taken, ~(1U << (scratch - scratch_slots)), __ATOMIC_RELEASE);
  else
    vt_unmap(scratch, sizeof *scratch);
}

static long base_directory(const struct vt_place *place, char *out);
static const char *leave_proc(const struct vt_place *place, char *out, long *length);
static void append_normal(struct vt_path *out, const char *path);

bool vt_resolve(const struct vt_place *place, char *buffer, struct vt_path *out) {
  *out = (struct vt_path){.text = buffer};
  const char *path = place->path == NULL ? "" : place->path;
  if (place->path != NULL && *path == '\0') return true;
  long length = 0;
  if (*path != '/')
    length = base_directory(place, buffer);
  else if (vt_starts_with(path, "/proc/") || vt_starts_with(path, "/dev/fd/"))
    path = leave_proc(place, buffer, &length);
  if (length < 0) /* A bad descriptor or a removed directory: the call itself fails. */
    return length == -VT_ENOENT || length == -VT_EBADF || length == -VT_ENOTDIR;
  out->length = (size_t)length;
  append_normal(out, path);
  return true;
}

/* Reads the target of a link in /proc. 0 length for what has no path (a pipe, a deleted file). */
static long read_magic_link(const char *link, char *out) {
  long length = VT_SYS(__NR_readlinkat, AT_FDCWD, link, out, VT_PATH_MAX - 1);
  if (length < 0) return length;
  static const char deleted[] = " (deleted)";
  const long suffix = sizeof deleted - 1;
  if (length == 0 || out[0] != '/') return -VT_ENOENT;
  if (length > suffix && memcmp(out + length - suffix, deleted, (size_t)suffix) == 0)
    return -VT_ENOENT;
  return length == 1 ? 0 : length;
}

static void proc_link(const struct vt_place *place, const char *name, char link[64]) {
  link[0] = '\0';
  (void)vt_append(link, 64, "/proc/");
  if (place->tid == 0)
    (void)vt_append(link, 64, "thread-self");
  else
    vt_append_number(link, 64, (uint64_t)place->tid);
  (void)vt_append(link, 64, name);
}

static long base_directory(const struct vt_place *place, char *out) {
  if (place->dirfd == AT_FDCWD && place->tid == 0) {
    long length = VT_SYS(__NR_getcwd, out, VT_PATH_MAX);
    if (length <= 0 || out[0] != '/') return length < 0 ? length : -VT_ENOENT;
    return length == 2 ? 0 : length - 1; /* With its NUL; "/" adds nothing. */
  }
  if (place->dirfd < 0 && place->dirfd != AT_FDCWD) return -VT_ENOENT;
  struct vt_directory directory = {.identity = 0};
  if (place->tid == 0) directory = vt_directory_of(place->dirfd);
  long length = vt_known_path(&directory, out);
  if (length >= 0) return length;
  char link[64];
  if (place->dirfd == AT_FDCWD) {
    proc_link(place, "/cwd", link);
  } else {
    proc_link(place, "/fd/", link);
    vt_append_number(link, sizeof link, (uint64_t)place->dirfd);
  }
  length = read_magic_link(link, out);
  if (length > 0) vt_know_path(&directory, out, (size_t)length);
  return length;
}

static const char *component_end(const char *path) {
  while (*path != '\0' && *path != '/') path++;
  return path;
}

/*
 * /proc/self/fd/3, /proc/1234/cwd/src, /dev/fd/3: other names for something that has one of its own.
 * Writes that name and returns what follows, or leaves the path alone.
 */
static const char *leave_proc(const struct vt_place *place, char *out, long *length) {
  const char *path = place->path;
  char link[64];
  const char *rest;
  if (vt_starts_with(path, "/dev/fd/")) {
    proc_link(place, "/fd/", link);
    rest = path + sizeof "/dev/fd/" - 1;
  } else {
    const char *process = path + sizeof "/proc/" - 1;
    const char *what = component_end(process);
    bool is_own = vt_starts_with(process, "self/") || vt_starts_with(process, "thread-self/");
    link[0] = '\0';
    if (is_own)
      proc_link(place, "/", link);
    else if (what - path < 32 && *process >= '0' && *process <= '9') {
      memcpy(link, path, (size_t)(what - path) + 1);
      link[what - path + 1] = '\0';
    }
    if (link[0] == '\0' || *what == '\0') return path;
    rest = what + 1;
    if (vt_starts_with(rest, "fd/")) {
      (void)vt_append(link, sizeof link, "fd/");
      rest += 3;
    } else if (!vt_starts_with(rest, "cwd") && !vt_starts_with(rest, "root"))
      return path;
  }
  const char *end = component_end(rest);
  size_t used = vt_length(link);
  if (end == rest || (*end == '\0' && !place->is_following) ||
      used + (size_t)(end - rest) >= sizeof link)
    return path;
  memcpy(link + used, rest, (size_t)(end - rest));
  link[used + (size_t)(end - rest)] = '\0';
  *length = read_magic_link(link, out);
  return end;
}

/* The length of an absolute path that needs no change, which is what most are; else 0. */
static size_t normal_length(const char *path) {
  size_t length = 0;
  for (; path[length] != '\0'; length++)
    if (path[length] == '/' &&
        (path[length + 1] == '/' || path[length + 1] == '.' || path[length + 1] == '\0'))
      return 0;
  return length;
}

static void append_normal(struct vt_path *out, const char *path) {
  char *text = out->text;
  size_t length = out->length;
  size_t ready = length == 0 && *path == '/' ? normal_length(path) : 0;
  if (ready > 0 && ready < VT_PATH_MAX) {
    memcpy(text, path, ready + 1);
    out->length = ready;
    return;
  }
  bool has_name = false;
  bool ends_in_slash = false;
  for (;;) {
    while (*path == '/') path++;
    if (*path == '\0') break;
    if (path[0] == '.' && (path[1] == '/' || path[1] == '\0')) {
      path++;
      continue;
    }
    bool is_up = path[0] == '.' && path[1] == '.' && (path[2] == '/' || path[2] == '\0');
    if (is_up && !has_name) {
      while (length > 0 && text[--length] != '/') {
      }
      path += 2;
      continue;
    }
    has_name = true;
    if (is_up) out->has_up = true;
    text[length++] = '/';
    while (*path != '\0' && *path != '/' && length < VT_LONG_PATH - 2) text[length++] = *path++;
    ends_in_slash = *path == '/';
    if (length >= VT_LONG_PATH - 2) {
      out->length = 0; /* Longer than the kernel takes. */
      return;
    }
  }
  if (length == 0) text[length++] = '/';
  text[length] = '\0';
  out->length = length;
  if (!ends_in_slash) return;
  const struct vt_stamp stamp = vt_stamp_at(AT_FDCWD, text, false);
  out->is_entered = vt_stamp_type(&stamp) == VT_TYPE_LINK;
}

bool vt_is_below(const struct vt_header *channel, const char *text, size_t length) {
  for (uint32_t i = 0; i < channel->root_count && i < VT_ROOTS_MAX; i++) {
    const struct vt_root *root = &channel->roots[i];
    if (length >= root->length && memcmp(text, root->path, root->length) == 0 &&
        (length == root->length || text[root->length] == '/' || root->length == 1))
      return true;
  }
  return false;
}

/* `a/b/../c` → `a/c`. */
static size_t without_up(const struct vt_path *path, char *out) {
  size_t length = 0;
  for (const char *at = path->text; *at != '\0';) {
    const char *end = component_end(at + 1);
    if (end - at == 3 && at[1] == '.' && at[2] == '.') {
      while (length > 0 && out[--length] != '/') {
      }
    } else {
      memcpy(out + length, at, (size_t)(end - at));
      length += (size_t)(end - at);
    }
    at = end;
  }
  return length;
}

bool vt_is_inside(const struct vt_header *channel, const struct vt_path *path, char *spare) {
  if (vt_is_below(channel, path->text, path->length)) return true;
  return path->has_up && vt_is_below(channel, spare, without_up(path, spare));
}

bool vt_is_plainly_outside(const struct vt_sinks *sinks, const char *path) {
  size_t length = *path == '/' ? normal_length(path) : 0;
  if (length == 0) return false;
  for (int i = 0; i < sinks->count; i++)
    if (vt_is_below(sinks->channels[i].header, path, length)) return false;
  return true;
}
