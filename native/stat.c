/* Looks at many paths, for src/native/stat.ts and src/native/expectation.ts. */
#include "api.h"
#include "near.h"
#include "stamp.h"
#include "thread.h"

enum { PARTS = 8, ALONE_MAX = 1024 }; /* For so few paths another thread is not worth its start. */

struct part {
  const char *paths; /* NUL-ended, one after another. */
  uint32_t first; /* The number of the first of them. */
  uint32_t end;
};

struct looks {
  void (*look)(struct looks *looks, const struct part *part);
  struct part parts[PARTS];
  uint32_t part_count;
  uint32_t next; /* That nobody has taken yet. */
  int directory; /* That the paths start from. */
  uint8_t *stamps; /* One a path, anywhere in memory. */
  uint32_t exact; /* So many of them must be the same in everything. */
  uint32_t is_other; /* Set where one is not as it must be. */
};

static void note(struct looks *looks, const struct part *part);
static void compare(struct looks *looks, const struct part *part);
static struct vt_stamp look(struct vt_near *near, int base, const char *path);
static void look_at_all(struct looks *looks, const char *paths, uint32_t count);
static const char *after(const char *paths, uint32_t count);
static void *take_parts(void *argument);

/* Stamps of `count` NUL-ended paths that follow one another. Links are not followed. */
VT_API(void, vt_stat_batch, (const char *paths, uint32_t count, struct vt_stamp *stamps)) {
  struct looks looks = {.look = note, .directory = AT_FDCWD, .stamps = (uint8_t *)stamps};
  look_at_all(&looks, paths, count);
}

/* Whether `count` NUL-ended paths, relative to `root`, are as `stamps` say: the first `exact` in
 * everything, the others in kind and permissions. Stops soon after the first that is not. 1, 0, or a
 * negative errno when `root` cannot be looked into. */
VT_API(int32_t, vt_verify,
       (const char *root, const char *paths, void *stamps, uint32_t exact, uint32_t count)) {
  long directory = VT_SYS(__NR_openat, AT_FDCWD, root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (vt_failed(directory)) return (int32_t)directory;
  struct looks looks = {
      .look = compare, .directory = (int)directory, .stamps = stamps, .exact = exact};
  look_at_all(&looks, paths, count);
  vt_close((int)directory);
  return looks.is_other == 0 ? 1 : 0;
}

static void note(struct looks *looks, const struct part *part) {
  struct vt_near near;
  vt_near_begin(&near);
  const char *path = part->paths;
  for (uint32_t i = part->first; i < part->end; i++) {
    struct vt_stamp now = look(&near, looks->directory, path);
    memcpy(looks->stamps + i * sizeof now, &now, sizeof now);
    path += vt_length(path) + 1;
  }
  vt_near_end(&near);
}

static void compare(struct looks *looks, const struct part *part) {
  struct vt_near near;
  vt_near_begin(&near);
  const char *path = part->paths;
  for (uint32_t i = part->first; i < part->end; i++) {
    if (__atomic_load_n(&looks->is_other, __ATOMIC_RELAXED) != 0) break;
    struct vt_stamp then;
    memcpy(&then, looks->stamps + i * sizeof then, sizeof then);
    struct vt_stamp now = look(&near, looks->directory, path);
    bool is_same = i < looks->exact ? memcmp(&now, &then, sizeof now) == 0
                                    : now.error == then.error && now.mode == then.mode;
    if (!is_same) __atomic_store_n(&looks->is_other, 1, __ATOMIC_RELAXED);
    path += vt_length(path) + 1;
  }
  vt_near_end(&near);
}

static struct vt_stamp look(struct vt_near *near, int base, const char *path) {
  struct vt_near_path at = vt_near_to(near, base, path);
  return vt_stamp_at(at.directory, at.name, false);
}

static void look_at_all(struct looks *looks, const char *paths, uint32_t count) {
  looks->part_count = count > ALONE_MAX ? PARTS : 1;
  for (uint32_t i = 0, first = 0; i < looks->part_count; i++) {
    uint32_t end = (uint32_t)((uint64_t)count * (i + 1) / looks->part_count);
    if (i > 0) paths = after(paths, first - looks->parts[i - 1].first);
    looks->parts[i] = (struct part){paths, first, end};
    first = end;
  }
  if (looks->part_count == 1)
    looks->look(looks, &looks->parts[0]);
  else
    vt_thread_share(take_parts, looks);
}

static const char *after(const char *paths, uint32_t count) {
  for (; count > 0; count--) paths += vt_length(paths) + 1;
  return paths;
}

static void *take_parts(void *argument) {
  struct looks *looks = argument;
  for (;;) {
    uint32_t part = __atomic_fetch_add(&looks->next, 1, __ATOMIC_RELAXED);
    if (part >= looks->part_count) return NULL;
    looks->look(looks, &looks->parts[part]);
  }
}
