#include "outside.h"

enum { HOPS_MAX = 8 }; /* Each takes a scratch. With more the answer is: it may. */

/* Where a directory really lies. */
enum lie {
  NOT_KNOWN,
  AS_NAMED, /* Outside, and without a link on the way. */
  ELSEWHERE, /* Outside. */
  INSIDE, /* Or it may. */
};

struct step {
  enum lie lie;
  size_t from;
  size_t to;
};

static bool is_apart(const char *path);
static bool ends_in_up(const struct vt_path *path);
static size_t parent_length(const char *path, size_t length);
static bool does_directory_lead(struct vt_channel *channel, char *path, size_t length, int hops);
static enum lie find_out(struct vt_channel *channel, const char *path, struct step step, int hops);
static bool is_name(const char *name);
static bool does_link_lead(struct vt_channel *channel, const char *path, int hops);
static long real_path(const char *path, char *out);

bool vt_leads_inside(struct vt_channel *channel, const struct vt_path *path, bool is_following) {
  if (path->length < 2 || (!path->has_up && is_apart(path->text))) return false;
  size_t length = ends_in_up(path) ? path->length : parent_length(path->text, path->length);
  if (does_directory_lead(channel, path->text, length, 0)) return true;
  return is_following && does_link_lead(channel, path->text, 0);
}

/* Where the system and the kernel keep what is theirs. `npm link` puts links into `node_modules` there. */
static bool is_apart(const char *path) {
  static const char places[][16] = {"/usr/lib/",   "/usr/lib32/", "/usr/lib64/",   "/usr/libx32/", "/usr/libexec/",
                                    "/usr/bin/",   "/usr/sbin/",  "/usr/include/", "/usr/share/",  "/lib/",
                                    "/lib32/",     "/lib64/",     "/libx32/",      "/bin/",        "/sbin/",
                                    "/proc/",      "/sys/",       "/dev/"};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    if (vt_starts_with(path, places[i])) return !vt_contains(path, "/node_modules/");
  return false;
}

static bool ends_in_up(const struct vt_path *path) {
  return path->has_up && vt_is_equal(path->text + path->length - 3, "/..");
}

static size_t parent_length(const char *path, size_t length) {
  while (length > 0 && path[--length] != '/') {
  }
  return length;
}

static uint64_t key_of(uint64_t directory, enum lie lie) { return vt_mix(directory, lie); }

/* What is known of a directory is kept in the channel's set: no process of the step has to ask again, until
 * something on the way may have been moved. */
static uint64_t identify(const struct vt_channel *channel, const char *path, size_t length) {
  uint64_t hash = vt_hash(path, length, 0);
  return vt_mix(hash, vt_channel_epoch(channel, hash));
}

static enum lie recall(const struct vt_channel *channel, const char *path, size_t length) {
  if (length == 0) return AS_NAMED;
  uint64_t directory = identify(channel, path, length);
  if (vt_channel_has(channel, key_of(directory, AS_NAMED))) return AS_NAMED;
  if (vt_channel_has(channel, key_of(directory, ELSEWHERE))) return ELSEWHERE;
  return vt_channel_has(channel, key_of(directory, INSIDE)) ? INSIDE : NOT_KNOWN;
}

/* From the longest directory above that is known, down. What is reached through the workspace counts as inside. */
static bool does_directory_lead(struct vt_channel *channel, char *path, size_t length, int hops) {
  size_t known = length;
  enum lie lie;
  while ((lie = recall(channel, path, known)) == NOT_KNOWN) known = parent_length(path, known);
  while (known < length && lie != INSIDE) {
    size_t next = known + 1;
    while (next < length && path[next] != '/') next++;
    char after = path[next];
    path[next] = '\0';
    lie = find_out(channel, path, (struct step){lie, known, next}, hops);
    (void)vt_channel_add(channel, key_of(identify(channel, path, next), lie));
    path[next] = after;
    known = next;
  }
  return lie == INSIDE;
}

/* `step`: what is known of the directory above, and where its path and that of this one end. */
static enum lie find_out(struct vt_channel *channel, const char *path, struct step step, int hops) {
  if (step.lie == AS_NAMED && is_name(path + step.from + 1)) {
    char first;
    long link = VT_SYS(__NR_readlinkat, AT_FDCWD, path, &first, 1);
    if (link == -VT_EINVAL || link == -VT_ENOENT || link == -VT_ENOTDIR)
      return vt_is_below(channel->header, path, step.to) ? INSIDE : AS_NAMED;
  }
  struct vt_scratch *scratch = vt_scratch_claim();
  if (scratch == NULL) return INSIDE;
  long real = real_path(path, scratch->path);
  bool is_here = real >= 0 && vt_is_below(channel->header, scratch->path, (size_t)real);
  bool is_as_named = real >= 0 && vt_is_equal(scratch->path, path);
  vt_scratch_release(scratch);
  if (is_here) return INSIDE;
  if (real >= 0) return is_as_named ? AS_NAMED : ELSEWHERE;
  if (real != -VT_ENOENT && real != -VT_ENOTDIR) return INSIDE;
  return does_link_lead(channel, path, hops) ? INSIDE : ELSEWHERE;
}

static bool is_name(const char *name) {
  return *name != '\0' && !vt_is_equal(name, ".") && !vt_is_equal(name, "..");
}

/* Whether a link, if it is one, leads inside, though to nothing that is there. */
static bool does_link_lead(struct vt_channel *channel, const char *path, int hops) {
  char first;
  if (VT_SYS(__NR_readlinkat, AT_FDCWD, path, &first, 1) <= 0) return false;
  if (hops == HOPS_MAX) return true;
  struct vt_scratch *scratch = vt_scratch_claim();
  if (scratch == NULL) return true;
  bool does_lead = true;
  long length = VT_SYS(__NR_readlinkat, AT_FDCWD, path, scratch->target, VT_PATH_MAX - 1);
  if (length > 0) {
    scratch->target[length] = '\0';
    size_t parent = parent_length(path, vt_length(path));
    char *text = scratch->path;
    text[0] = '\0';
    if (scratch->target[0] != '/') {
      memcpy(text, path, parent);
      text[parent] = '\0';
      (void)vt_append(text, VT_LONG_PATH, "/");
    }
    (void)vt_append(text, VT_LONG_PATH, scratch->target);
    size_t bytes = vt_length(text);
    while (bytes > 1 && text[bytes - 1] == '/') text[--bytes] = '\0';
    does_lead = vt_is_below(channel->header, text, bytes) ||
                does_directory_lead(channel, text, parent_length(text, bytes), hops + 1) ||
                does_link_lead(channel, text, hops + 1);
  }
  vt_scratch_release(scratch);
  return does_lead;
}

/* Of a directory: its length, or a negative errno. */
static long real_path(const char *path, char *out) {
  long fd = VT_SYS(__NR_openat, AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  if (vt_failed(fd)) return fd;
  char link[64] = "/proc/thread-self/fd/";
  vt_append_number(link, sizeof link, (uint64_t)fd);
  long length = VT_SYS(__NR_readlinkat, AT_FDCWD, link, out, VT_PATH_MAX - 1);
  vt_close((int)fd);
  if (length > 0) out[length] = '\0';
  return length == 0 ? -VT_EINVAL : length;
}
