/* The conditions of an entry, checked and renewed in the bytes that src/cache/codec.ts wrote, for
 * src/native/conditions.ts: most of them hold, and need not be decoded to find that out. */
#include "api.h"
#include "stamp.h"
#include "thread.h"
#include "xxh3.h"

#define GRAIN_NS INT64_C(12000000) /* As src/fingerprint/clock.ts has it. */
#define SECONDS_GRAIN_NS INT64_C(2000000000)
#define SECOND_NS INT64_C(1000000000)

enum { SHARE = 64 }; /* So many conditions a thread takes at a time; for fewer than two shares it is alone. */
enum { FILE_MAX = 65536 }; /* What is larger is not read here. */
enum { KNOWN = 16384 }; /* Files whose hashes are remembered. */
enum { ABSENT = 0, FILE = 1, DIRECTORY = 2, BEYOND = 6, GIT = 7, KINDS = 9 };
enum { EXACT = 0, TOLERANCES = 3 };
enum { NOT_HELD = -1, CANNOT_BE_HELD = -2 };
enum verdict { OPEN = 0, SAME = 1, RENEWED = 2, HOLDS = 3 };

struct condition {
  char *path;
  uint64_t path_bytes;
  uint8_t *stamp;
  uint64_t tolerance;
  uint64_t kind;
  const uint8_t *state; /* What follows the kind. */
  uint8_t *end;
};

struct hash {
  uint32_t is_taken; /* By a thread that looks at it. */
  struct vt_stamp stamp;
  uint64_t hash;
};

struct job {
  int root;
  uint8_t *bytes;
  const uint32_t *starts; /* Of the conditions among the bytes, and their end. */
  uint8_t *verdicts;
  int64_t now_ns;
  uint32_t next; /* That nobody has taken yet. */
  uint32_t end;
};

/* Of one thread. */
struct reader {
  int64_t now_ns;
  int root;
  const char *directory; /* That the last path was in, with the slash. */
  size_t directory_bytes;
  int held; /* That directory, from the second path in it on; or one of these. */
  bool is_reading; /* The last file had to be read: the next one will, too. */
  uint8_t *room;
};

static struct hash *known; /* Of files that were read in this run. */

static bool read_number(uint8_t **at, const uint8_t *end, uint64_t *number);
static bool skip(uint8_t **at, const uint8_t *end, uint64_t count);
static bool skip_piece(uint8_t **at, const uint8_t *end);
static bool read_condition(uint8_t *at, const uint8_t *end, struct condition *condition);
static bool skip_state(uint8_t **at, const uint8_t *end, uint64_t kind);
static void *take_shares(void *argument);
static enum verdict check(struct reader *reader, const struct condition *condition);
static const char *hold(struct reader *reader, const struct condition *condition, int *directory);
static void let_go(struct reader *reader);
static enum verdict look_first(struct reader *reader, const struct condition *condition, int directory,
                               const char *name, struct vt_stamp *now);
static enum verdict open_first(struct reader *reader, const struct condition *condition, int directory,
                               const char *name, struct vt_stamp *now);
static bool is_same_file(struct reader *reader, const struct condition *condition, int directory,
                         const char *name, const struct vt_stamp *now);
static bool may_be_same(const struct reader *reader, const struct condition *condition,
                        const struct vt_stamp *now);
static bool has_content(const struct condition *condition, uint64_t hash);
static long open_file(int directory, const char *name);
static bool hash_open(struct reader *reader, int fd, const struct vt_stamp *now, uint64_t *hash);
static bool recall(const struct vt_stamp *stamp, uint64_t *hash);
static void remember(const struct vt_stamp *stamp, uint64_t hash);
static struct hash *slot_of(const struct vt_stamp *stamp);
static struct hash *take(const struct vt_stamp *stamp);
static bool is_proven(const struct vt_stamp *stamp, int64_t now_ns);

/* Where each of `count` conditions begins among `length` bytes, and where the last one ends; and of which
 * sort each is: its kind, and its tolerance times 16. 0, or a negative errno when the bytes are not those of
 * conditions. */
VT_API(int32_t, vt_find_conditions,
       (uint8_t *bytes, uint32_t length, uint32_t count, uint32_t *starts, uint8_t *sorts)) {
  uint8_t *at = bytes;
  for (uint32_t i = 0; i < count; i++) {
    struct condition condition;
    starts[i] = (uint32_t)(at - bytes);
    if (!read_condition(at, bytes + length, &condition)) return -VT_EINVAL;
    sorts[i] = (uint8_t)(condition.kind | condition.tolerance << 4);
    at = condition.end;
  }
  starts[count] = (uint32_t)(at - bytes);
  return 0;
}

/* Checks the conditions from `first` to before `end` and says of each whether what stands there is the
 * same, is the same but for its stamp, or is all the same; in `bytes` it gets the stamp of now. All others
 * are open. */
VT_API(int32_t, vt_check_conditions,
       (const char *root, uint8_t *bytes, const uint32_t *starts, uint8_t *verdicts, uint32_t first,
        uint32_t end, double now_ms)) {
  long fd = VT_SYS(__NR_openat, AT_FDCWD, root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (vt_failed(fd)) return (int32_t)fd;
  if (known == NULL) known = vt_map_memory(KNOWN * sizeof *known);
  struct job job = {(int)fd, bytes, starts, verdicts, (int64_t)(now_ms * 1e6), first, end};
  if (end - first < 2 * SHARE)
    (void)take_shares(&job);
  else
    vt_thread_share(take_shares, &job);
  vt_close((int)fd);
  return 0;
}

/* Of those that are the same, also since they were renewed: paths, each with a NUL behind it, and
 * stamps. `found`: how many, and how many bytes of paths. 0, or a negative errno, also where the stamp of
 * one proves nothing. */
VT_API(int32_t, vt_list_conditions,
       (uint8_t *bytes, const uint32_t *starts, const uint8_t *verdicts, uint32_t count, double now_ms,
        char *paths, struct vt_stamp *stamps, uint32_t found[2])) {
  char *end = paths;
  found[0] = 0;
  for (uint32_t i = 0; i < count; i++) {
    struct condition condition;
    if (verdicts[i] != SAME && verdicts[i] != RENEWED) continue;
    if (!read_condition(bytes + starts[i], bytes + starts[i + 1], &condition)) return -VT_EINVAL;
    struct vt_stamp *stamp = &stamps[found[0]++];
    memcpy(stamp, condition.stamp, sizeof *stamp);
    if (!is_proven(stamp, (int64_t)(now_ms * 1e6))) return -VT_EAGAIN;
    if (condition.path_bytes == 0) *end++ = '.';
    memcpy(end, condition.path, condition.path_bytes);
    end += condition.path_bytes;
    *end++ = '\0';
  }
  found[1] = (uint32_t)(end - paths);
  return 0;
}

/* Takes the stamps away that prove nothing. */
VT_API(void, vt_prove_conditions,
       (uint8_t *bytes, const uint32_t *starts, uint32_t count, double now_ms)) {
  for (uint32_t i = 0; i < count; i++) {
    struct condition condition;
    struct vt_stamp stamp;
    if (!read_condition(bytes + starts[i], bytes + starts[i + 1], &condition)) return;
    memcpy(&stamp, condition.stamp, sizeof stamp);
    if (!is_proven(&stamp, (int64_t)(now_ms * 1e6))) memset(condition.stamp, 0xff, sizeof stamp);
  }
}

static bool read_number(uint8_t **at, const uint8_t *end, uint64_t *number) {
  *number = 0;
  for (uint32_t shift = 0; shift < 63; shift += 7) {
    if (*at == end) return false;
    uint8_t byte = *(*at)++;
    *number |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

static bool skip(uint8_t **at, const uint8_t *end, uint64_t count) {
  if (count > (uint64_t)(end - *at)) return false;
  *at += count;
  return true;
}

static bool skip_piece(uint8_t **at, const uint8_t *end) {
  uint64_t count;
  return read_number(at, end, &count) && skip(at, end, count);
}

static bool read_condition(uint8_t *at, const uint8_t *end, struct condition *condition) {
  uint64_t stamp_bytes;
  if (!read_number(&at, end, &condition->path_bytes)) return false;
  condition->path = (char *)at;
  if (!skip(&at, end, condition->path_bytes) || !read_number(&at, end, &condition->tolerance) ||
      condition->tolerance >= TOLERANCES || !read_number(&at, end, &stamp_bytes) ||
      stamp_bytes != sizeof(struct vt_stamp))
    return false;
  condition->stamp = at;
  if (!skip(&at, end, stamp_bytes) || !read_number(&at, end, &condition->kind)) return false;
  condition->state = at;
  bool is_whole = skip_state(&at, end, condition->kind);
  condition->end = at;
  return is_whole;
}

static bool skip_state(uint8_t **at, const uint8_t *end, uint64_t kind) {
  uint64_t number;
  switch (kind) {
    case FILE: return skip(at, end, sizeof(uint64_t)) && read_number(at, end, &number);
    case BEYOND: return skip(at, end, sizeof(uint64_t));
    case 4: /* A link. */
    case GIT: return skip_piece(at, end);
    case 3: { /* A listing. */
      uint64_t count;
      if (!read_number(at, end, &count)) return false;
      for (; count > 0; count--)
        if (!skip_piece(at, end) || !read_number(at, end, &number)) return false;
      return true;
    }
    default: return kind < KINDS;
  }
}

static void *take_shares(void *argument) {
  struct job *job = argument;
  struct reader reader = {.now_ns = job->now_ns, .root = job->root, .held = NOT_HELD};
  reader.room = vt_map_memory(FILE_MAX);
  for (;;) {
    uint32_t first = __atomic_fetch_add(&job->next, SHARE, __ATOMIC_RELAXED);
    if (first >= job->end) break;
    for (uint32_t i = first; i < job->end && i < first + SHARE; i++) {
      struct condition condition;
      bool is_read =
          read_condition(job->bytes + job->starts[i], job->bytes + job->starts[i + 1], &condition);
      job->verdicts[i] = is_read ? (uint8_t)check(&reader, &condition) : OPEN;
    }
  }
  let_go(&reader);
  if (reader.room != NULL) vt_unmap(reader.room, FILE_MAX);
  return NULL;
}

static enum verdict check(struct reader *reader, const struct condition *condition) {
  /* What these say is found in another way, and so is what leads out of the workspace. */
  if (condition->kind >= BEYOND) return OPEN;
  if (vt_starts_with(condition->path, "..") || condition->path[0] == '/') return OPEN;
  /* The tolerance is a single byte behind the path: while the path is in use, a NUL is there instead. */
  char *behind = condition->path + condition->path_bytes;
  const char tolerance = *behind;
  *behind = '\0';
  int directory;
  const char *name = hold(reader, condition, &directory);
  struct vt_stamp now;
  bool is_to_be_read = condition->kind == FILE && reader->is_reading;
  enum verdict verdict =
      is_to_be_read ? open_first(reader, condition, directory, name, &now) : OPEN;
  if (verdict == OPEN) verdict = look_first(reader, condition, directory, name, &now);
  *behind = tolerance;
  if (verdict != OPEN) memcpy(condition->stamp, &now, sizeof now);
  return verdict;
}

/* The name by which the path is found from `directory`: neighbours share a descriptor of theirs. */
static const char *hold(struct reader *reader, const struct condition *condition, int *directory) {
  const char *path = condition->path;
  size_t bytes = condition->path_bytes;
  while (bytes > 0 && path[bytes - 1] != '/') bytes--;
  bool is_neighbour = bytes > 0 && bytes == reader->directory_bytes &&
                      memcmp(path, reader->directory, bytes) == 0;
  if (!is_neighbour) let_go(reader);
  reader->directory = path;
  reader->directory_bytes = bytes;
  if (is_neighbour && reader->held == NOT_HELD) {
    char *slash = condition->path + bytes - 1;
    *slash = '\0';
    long fd = VT_SYS(__NR_openat, reader->root, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    *slash = '/';
    reader->held = vt_failed(fd) ? CANNOT_BE_HELD : (int)fd;
  }
  *directory = reader->held >= 0 ? reader->held : reader->root;
  if (reader->held >= 0) return path + bytes;
  return condition->path_bytes == 0 ? "." : path;
}

static void let_go(struct reader *reader) {
  if (reader->held >= 0) vt_close(reader->held);
  reader->held = NOT_HELD;
}

static enum verdict look_first(struct reader *reader, const struct condition *condition, int directory,
                               const char *name, struct vt_stamp *now) {
  *now = vt_stamp_at(directory, name, false);
  if (condition->kind == DIRECTORY) { /* Its stamp changes with every entry. */
    if (vt_stamp_type(now) == VT_TYPE_DIRECTORY) return HOLDS;
  } else if (memcmp(now, condition->stamp, sizeof *now) == 0)
    return SAME;
  else if (condition->kind == FILE && is_same_file(reader, condition, directory, name, now))
    return RENEWED;
  bool may_be_missing = condition->kind == ABSENT || condition->tolerance != EXACT;
  return vt_stamp_is_missing(now) && may_be_missing ? HOLDS : OPEN;
}

/* Where a file was touched its neighbours mostly were, too. One that is read anyway need not be looked at
 * before: what is open has the stamp that counts. */
static enum verdict open_first(struct reader *reader, const struct condition *condition, int directory,
                               const char *name, struct vt_stamp *now) {
  long fd = open_file(directory, name);
  if (vt_failed(fd)) return OPEN;
  *now = vt_stamp_of_fd((int)fd);
  enum verdict verdict = OPEN;
  uint64_t hash;
  if (memcmp(now, condition->stamp, sizeof *now) == 0) {
    verdict = SAME;
    reader->is_reading = false;
  } else if (may_be_same(reader, condition, now) && hash_open(reader, (int)fd, now, &hash) &&
             has_content(condition, hash))
    verdict = RENEWED;
  vt_close((int)fd);
  return verdict;
}

static bool is_same_file(struct reader *reader, const struct condition *condition, int directory,
                         const char *name, const struct vt_stamp *now) {
  uint64_t hash;
  if (!may_be_same(reader, condition, now)) return false;
  reader->is_reading = false;
  if (recall(now, &hash)) return has_content(condition, hash);
  long fd = open_file(directory, name);
  if (vt_failed(fd)) return false;
  struct vt_stamp stamp = vt_stamp_of_fd((int)fd);
  bool is_read = memcmp(&stamp, now, sizeof stamp) == 0 && hash_open(reader, (int)fd, now, &hash);
  vt_close((int)fd);
  return is_read && has_content(condition, hash);
}

static bool may_be_same(const struct reader *reader, const struct condition *condition,
                        const struct vt_stamp *now) {
  if (vt_stamp_type(now) != VT_TYPE_FILE || now->size > FILE_MAX || reader->room == NULL) return false;
  bool was_executable = condition->state[sizeof(uint64_t)] == 1;
  return ((now->mode & 0100) != 0) == was_executable;
}

static bool has_content(const struct condition *condition, uint64_t hash) {
  uint64_t then;
  memcpy(&then, condition->state, sizeof then);
  return hash == then;
}

/* Nobody's link is followed, and no pipe is waited for. */
static long open_file(int directory, const char *name) {
  const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  return VT_SYS(__NR_openat, directory, name, flags);
}

/* Of a file that has this stamp. */
static bool hash_open(struct reader *reader, int fd, const struct vt_stamp *now, uint64_t *hash) {
  if (known != NULL) __builtin_prefetch(slot_of(now), 1); /* While it is read. */
  if (!vt_read_all(fd, reader->room, (size_t)now->size)) return false;
  *hash = vt_xxh3(reader->room, (size_t)now->size);
  reader->is_reading = true;
  /* A later change shows in the stamp. */
  if (is_proven(now, reader->now_ns)) remember(now, *hash);
  return true;
}

/* Steps share most of what they read, from the compiler to the runtime it runs on. */
static bool recall(const struct vt_stamp *stamp, uint64_t *hash) {
  struct hash *slot = take(stamp);
  if (slot == NULL) return false;
  bool is_known = memcmp(&slot->stamp, stamp, sizeof *stamp) == 0;
  *hash = slot->hash;
  __atomic_store_n(&slot->is_taken, 0, __ATOMIC_RELEASE);
  return is_known;
}

static void remember(const struct vt_stamp *stamp, uint64_t hash) {
  struct hash *slot = take(stamp);
  if (slot == NULL) return;
  slot->stamp = *stamp;
  slot->hash = hash;
  __atomic_store_n(&slot->is_taken, 0, __ATOMIC_RELEASE);
}

static struct hash *slot_of(const struct vt_stamp *stamp) {
  return &known[vt_mix(stamp->inode, stamp->device) % KNOWN];
}

/* The only place where its hash can be; NULL while the other thread is there. */
static struct hash *take(const struct vt_stamp *stamp) {
  if (known == NULL) return NULL;
  struct hash *slot = slot_of(stamp);
  return __atomic_exchange_n(&slot->is_taken, 1, __ATOMIC_ACQUIRE) == 0 ? slot : NULL;
}

/* Whether a later change gives another stamp: `provenStamp` of src/fingerprint/clock.ts. */
static bool is_proven(const struct vt_stamp *stamp, int64_t now_ns) {
  if (stamp->error != 0) return stamp->error != UINT32_MAX;
  int64_t grain = stamp->ctime_ns % SECOND_NS == 0 ? SECONDS_GRAIN_NS : GRAIN_NS;
  return stamp->ctime_ns < now_ns - grain;
}
