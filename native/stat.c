/* Looks at many paths, for src/native/stat.ts. */
#include "api.h"
#include "stamp.h"
#include "thread.h"

enum { PARTS = 8, ALONE_MAX = 1024 }; /* For so few paths another thread is not worth its start. */

struct part {
  const char *paths;
  struct vt_stamp *stamps;
  uint32_t count;
};

struct looks {
  struct part parts[PARTS];
  uint32_t next; /* That nobody has taken yet. */
};

static void look(const struct part *part);
static const char *after(const char *paths, uint32_t count);
static void *take_parts(void *argument);

/* Stamps of `count` NUL-ended paths that follow one another. Links are not followed. */
VT_API(void, vt_stat_batch, (const char *paths, uint32_t count, struct vt_stamp *stamps)) {
  if (count <= ALONE_MAX) {
    look(&(struct part){paths, stamps, count});
    return;
  }
  struct looks looks = {.next = 0};
  for (uint32_t i = 0, first = 0; i < PARTS; i++) {
    uint32_t end = (uint32_t)((uint64_t)count * (i + 1) / PARTS);
    looks.parts[i] = (struct part){paths, stamps + first, end - first};
    paths = after(paths, end - first);
    first = end;
  }
  vt_thread_share(take_parts, &looks);
}

static void look(const struct part *part) {
  const char *path = part->paths;
  for (uint32_t i = 0; i < part->count; i++) {
    part->stamps[i] = vt_stamp_at(AT_FDCWD, path, false);
    path += vt_length(path) + 1;
  }
}

static const char *after(const char *paths, uint32_t count) {
  for (; count > 0; count--) paths += vt_length(paths) + 1;
  return paths;
}

static void *take_parts(void *argument) {
  struct looks *looks = argument;
  for (;;) {
    uint32_t part = __atomic_fetch_add(&looks->next, 1, __ATOMIC_RELAXED);
    if (part >= PARTS) return NULL;
    look(&looks->parts[part]);
  }
}
