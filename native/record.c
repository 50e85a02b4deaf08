#include "record.h"

#include "recent.h"

struct subject_path {
  struct vt_path path;
  struct vt_path target;
  struct vt_scratch *scratch;
};

static bool claim_paths(const struct vt_subject *subject, const struct vt_call *call,
                        struct subject_path *paths);
static bool is_wanted(const struct vt_channel *channel, const struct vt_call *call,
                      struct subject_path *paths);
static bool is_of_kernel(const struct vt_path *path);
static bool tells_nothing(int error);
static uint64_t hash_path(const struct vt_path *path);
static uint64_t hash_call(const struct vt_channel *channel, const struct vt_call *call,
                          const struct subject_path *paths, uint64_t state);
static struct vt_record *append(const struct vt_subject *subject, struct vt_channel *channel,
                                const struct vt_call *call, const struct subject_path *paths,
                                uint8_t result, const struct vt_stamp *stamp);
static void append_listing(const struct vt_subject *subject, struct vt_channel *channel,
                           const struct vt_call *call, const struct subject_path *paths,
                           const struct vt_stamp *stamp);
static struct vt_stamp take_stamp(const struct vt_subject *subject, const struct vt_call *call,
                                  const struct vt_path *path);

bool vt_note(const struct vt_subject *subject, const struct vt_call *call) {
  if (call->kind != VT_INCOMPLETE && call->kind != VT_RING) return false;
  struct vt_scratch *scratch = vt_scratch_claim();
  if (scratch == NULL) {
    vt_sinks_mark(subject->sinks, VT_CHANNEL_FULL);
    return true;
  }
  char link[64] = "/proc/";
  if (subject->tid == 0)
    (void)vt_append(link, sizeof link, "self");
  else
    vt_append_number(link, sizeof link, (uint64_t)subject->tid);
  (void)vt_append(link, sizeof link, "/exe");
  long length = VT_SYS(__NR_readlinkat, AT_FDCWD, link, scratch->path, VT_PATH_MAX - 1);
  scratch->path[length < 0 ? 0 : length] = '\0';
  const char *program = length > 0 ? scratch->path : "a program";
  if (call->kind == VT_RING)
    vt_sinks_note_ring(subject->sinks, program);
  else
    vt_sinks_mark_program(subject->sinks, (enum vt_incomplete)call->detail, program);
  vt_scratch_release(scratch);
  return true;
}

/* ---- looks ---- */

static uint8_t result_of(const struct vt_call *call, int error, const struct vt_stamp *stamp) {
  if (error == 0) return VT_OK;
  if (error == VT_ENOENT || vt_stamp_is_missing(stamp)) return VT_MISSING;
  if (error != VT_NOT_YET) return VT_REFUSED;
  bool is_certain = stamp->error == 0 && (call->kind == VT_PROBE || call->kind == VT_LIST);
  return is_certain ? VT_OK : VT_UNKNOWN;
}

/* Opening a directory says no more than that it is there; what is in it, only a listing does. */
static void narrow(struct vt_call *call, const struct vt_stamp *stamp) {
  if (call->kind == VT_READ && vt_stamp_type(stamp) == VT_TYPE_DIRECTORY) call->kind = VT_PROBE;
}

static struct vt_stamp stamp_look(const struct vt_subject *subject, const struct vt_call *call,
                                  const struct vt_path *path, const struct vt_outcome *outcome) {
  if (outcome->stamp != NULL) return *outcome->stamp;
  if (outcome->error == 0 && outcome->fd >= 0) return vt_stamp_of_fd(outcome->fd);
  if (outcome->error == VT_ENOENT) return vt_stamp_error(VT_ENOENT);
  return take_stamp(subject, call, path);
}

static void log_look(const struct vt_subject *subject, const struct vt_call *original,
                     const struct vt_outcome *outcome, struct subject_path *paths) {
  struct vt_call call = *original;
  struct vt_stamp stamp;
  bool is_settled = outcome->error == 0 || outcome->error == VT_ENOENT;
  uint8_t result = outcome->error == 0 ? VT_OK : VT_MISSING;
  bool has_stamp = !is_settled;
  if (has_stamp) { /* What the error means depends on what is there. */
    stamp = stamp_look(subject, &call, &paths->path, outcome);
    narrow(&call, &stamp);
    result = result_of(&call, outcome->error, &stamp);
  }
  for (int i = 0; i < subject->sinks->count; i++) {
    struct vt_channel *channel = &subject->sinks->channels[i];
    if (!is_wanted(channel, &call, paths)) continue;
    if (!vt_channel_add(channel, hash_call(channel, &call, paths, result))) continue;
    if (!has_stamp) {
      stamp = stamp_look(subject, &call, &paths->path, outcome);
      has_stamp = true;
      narrow(&call, &stamp);
      if (call.kind != original->kind && !vt_channel_add(channel, hash_call(channel, &call, paths, result)))
        continue;
    }
    if (call.kind == VT_LIST && result == VT_OK && vt_stamp_type(&stamp) == VT_TYPE_DIRECTORY)
      append_listing(subject, channel, &call, paths, &stamp);
    else
      (void)append(subject, channel, &call, paths, result, &stamp);
  }
}

void vt_look(const struct vt_subject *subject, const struct vt_call *call,
             const struct vt_outcome *outcome) {
  if (call->kind == VT_NONE || tells_nothing(outcome->error)) return;
  uint64_t key = vt_recent_key(subject, call, outcome);
  if (key != 0 && vt_recent_has(subject->sinks, key)) return;
  struct subject_path paths;
  if (!claim_paths(subject, call, &paths)) return;
  if (paths.path.length > 0) log_look(subject, call, outcome, &paths);
  if (key != 0 && vt_is_equal(paths.path.text, call->path)) vt_recent_keep(subject->sinks, key);
  vt_scratch_release(paths.scratch);
}

/* The caller's or the machine's trouble, not an answer about the path. */
static bool tells_nothing(int error) {
  return error == VT_EFAULT || error == VT_EINTR || error == VT_EMFILE || error == VT_ENFILE ||
         error == VT_ENOMEM || error == VT_ENAMETOOLONG || error == VT_EAGAIN || error == VT_EBADF;
}

/* ---- writes ---- */

/* What can be told of a write before it has happened. */
static uint8_t foresee(const struct vt_call *call, const struct vt_stamp *stamp) {
  bool is_there = stamp->error == 0;
  switch (call->kind) {
    case VT_MAKE_DIRECTORY:
    case VT_MAKE_LINK:
    case VT_HARD_LINK: return is_there ? VT_REFUSED : VT_UNKNOWN;
    case VT_WRITE:
      if (is_there) return (call->detail & VT_OPEN_EXCLUSIVE) != 0 ? VT_REFUSED : VT_UNKNOWN;
      return (call->detail & VT_OPEN_CREATES) != 0 ? VT_UNKNOWN : VT_MISSING;
    case VT_RENAME: return VT_UNKNOWN;
    case VT_EXECUTE:
      if (is_there) return (stamp->mode & 0111U) != 0 ? VT_OK : VT_REFUSED;
      return VT_MISSING;
    default: return vt_stamp_is_missing(stamp) ? VT_MISSING : VT_UNKNOWN;
  }
}

/* A rename and a hard link read what they move. False when nothing is there. */
static bool look_at_source(const struct vt_subject *subject, const struct vt_call *call,
                           struct subject_path *paths) {
  struct vt_call look = {.kind = VT_READ, .dirfd = call->dirfd, .path = call->path,
                         .is_following = call->is_following};
  struct vt_stamp stamp = take_stamp(subject, &look, &paths->path);
  struct vt_outcome outcome = {.error = (int)stamp.error, .fd = -1, .stamp = &stamp};
  struct subject_path source = {.path = paths->path, .scratch = paths->scratch};
  if (!tells_nothing(outcome.error)) log_look(subject, &look, &outcome, &source);
  return !vt_stamp_is_missing(&stamp);
}

/* A link to a descriptor whose file has no name: the file appears there as if it were created. */
static bool is_unnamed(const struct vt_call *call, const struct subject_path *paths) {
  return call->kind == VT_HARD_LINK && paths->path.length == 0;
}

/* Nothing is left at the path then. */
static bool takes_away(const struct vt_call *call) {
  return call->kind == VT_REMOVE || call->kind == VT_RENAME;
}

static void begin(const struct vt_subject *subject, const struct vt_call *call,
                  struct subject_path *paths, struct vt_pending *pending) {
  bool has_target = call->target != NULL;
  bool has_source = !has_target || look_at_source(subject, call, paths);
  struct vt_call at = *call;
  if (has_target) {
    at.dirfd = call->target_dirfd;
    at.path = call->target;
    at.is_following = false;
  }
  const struct vt_path *changed = has_target ? &paths->target : &paths->path;
  struct vt_stamp stamp = take_stamp(subject, &at, changed);
  uint8_t result = has_source ? foresee(call, &stamp) : VT_MISSING;
  uint64_t type = stamp.error == 0 ? vt_stamp_type(&stamp) >> 12 : 16;
  pending->was_there = stamp.error == 0;
  pending->path_hash = hash_path(&paths->path);
  /* The supervisor is not told how it ends. */
  bool may_leave = subject->tid != 0 && result == VT_UNKNOWN && takes_away(call);
  for (int i = 0; i < subject->sinks->count; i++) {
    struct vt_channel *channel = &subject->sinks->channels[i];
    if (!is_wanted(channel, call, paths)) continue;
    /* A different earlier state is a new record: only then can the call end differently. */
    pending->hashes[i] = hash_call(channel, call, paths, 8 + type);
    if (vt_channel_add(channel, pending->hashes[i]))
      pending->records[i] = append(subject, channel, call, paths, result, &stamp);
    if (may_leave) vt_channel_end_epoch(channel, pending->path_hash);
  }
}

static struct vt_call created_by(const struct vt_call *link) {
  return (struct vt_call){.kind = VT_WRITE,
                          .detail = VT_OPEN_CREATES | VT_OPEN_EXCLUSIVE,
                          .dirfd = link->target_dirfd,
                          .path = link->target};
}

/* Exchanging two names is two renames; how it ends is told by the first. */
static void begin_way_back(const struct vt_subject *subject, const struct vt_call *call) {
  struct vt_call back = *call;
  back.detail = 0;
  back.dirfd = call->target_dirfd;
  back.path = call->target;
  back.target_dirfd = call->dirfd;
  back.target = call->path;
  struct vt_pending pending;
  vt_write_begin(subject, &back, &pending);
}

void vt_write_begin(const struct vt_subject *subject, const struct vt_call *call,
                    struct vt_pending *pending) {
  memset(pending, 0, sizeof *pending);
  struct subject_path paths;
  if (!claim_paths(subject, call, &paths)) return;
  if (is_unnamed(call, &paths)) {
    vt_scratch_release(paths.scratch);
    struct vt_call creation = created_by(call);
    vt_write_begin(subject, &creation, pending);
    return;
  }
  if (paths.path.length > 0 && (call->target == NULL || paths.target.length > 0))
    begin(subject, call, &paths, pending);
  vt_scratch_release(paths.scratch);
  if (call->kind == VT_RENAME && (call->detail & 2 /* RENAME_EXCHANGE */) != 0)
    begin_way_back(subject, call);
}

static uint8_t result_of_write(const struct vt_pending *pending, int error) {
  if (error == 0) return VT_OK;
  if (error == VT_ENOENT) return VT_MISSING;
  return error == VT_ENOTDIR && !pending->was_there ? VT_MISSING : VT_REFUSED;
}

void vt_write_end(const struct vt_subject *subject, const struct vt_call *call,
                  const struct vt_pending *pending, int error) {
  uint8_t result = result_of_write(pending, error);
  for (int i = 0; i < subject->sinks->count; i++) {
    if (pending->hashes[i] == 0) continue;
    struct vt_channel *channel = &subject->sinks->channels[i];
    bool is_new = vt_channel_add(channel, vt_hash(&pending->hashes[i], 8, result));
    if (pending->records[i] != NULL) {
      vt_channel_settle(pending->records[i], result);
    } else if (is_new) {
      struct subject_path paths;
      if (!claim_paths(subject, call, &paths)) continue;
      if (is_wanted(channel, call, &paths) && !is_unnamed(call, &paths))
        (void)append(subject, channel, call, &paths, result, NULL);
      vt_scratch_release(paths.scratch);
    }
    if (result == VT_OK && takes_away(call)) vt_channel_end_epoch(channel, pending->path_hash);
  }
}

void vt_write_made(const struct vt_subject *subject, const struct vt_call *call) {
  struct subject_path paths;
  if (!claim_paths(subject, call, &paths)) return;
  struct vt_stamp nothing = vt_stamp_error(VT_ENOENT);
  for (int i = 0; paths.path.length > 0 && i < subject->sinks->count; i++) {
    struct vt_channel *channel = &subject->sinks->channels[i];
    if (is_wanted(channel, call, &paths) && vt_channel_add(channel, hash_call(channel, call, &paths, VT_OK)))
      (void)append(subject, channel, call, &paths, VT_OK, &nothing);
  }
  vt_scratch_release(paths.scratch);
}

/* ---- both ---- */

static bool claim_paths(const struct vt_subject *subject, const struct vt_call *call,
                        struct subject_path *paths) {
  struct vt_scratch *scratch = vt_scratch_claim();
  if (scratch == NULL) {
    vt_sinks_mark(subject->sinks, VT_CHANNEL_FULL);
    return false;
  }
  *paths = (struct subject_path){.scratch = scratch};
  struct vt_place place = {.tid = subject->tid, .dirfd = call->dirfd, .path = call->path,
                           .is_following = call->is_following};
  bool is_known = vt_resolve(&place, scratch->path, &paths->path);
  if (call->target != NULL) {
    place = (struct vt_place){.tid = subject->tid, .dirfd = call->target_dirfd, .path = call->target};
    is_known = vt_resolve(&place, scratch->target, &paths->target) && is_known;
  }
  if (!is_known) vt_sinks_mark(subject->sinks, VT_UNREADABLE_MEMORY);
  return true;
}

/* Looks count inside the roots, programs and changes everywhere. */
static bool is_wanted(const struct vt_channel *channel, const struct vt_call *call,
                      struct subject_path *paths) {
  if (call->kind == VT_EXECUTE || vt_is_inside(channel->header, &paths->path, paths->scratch->spare))
    return true;
  if (paths->target.length > 0 &&
      vt_is_inside(channel->header, &paths->target, paths->scratch->spare))
    return true;
  if (call->kind < VT_WRITE) return false;
  return !is_of_kernel(call->target == NULL ? &paths->path : &paths->target);
}

static bool is_of_kernel(const struct vt_path *path) {
  return vt_starts_with(path->text, "/dev/") || vt_starts_with(path->text, "/proc/") ||
         vt_starts_with(path->text, "/sys/");
}

static uint64_t hash_path(const struct vt_path *path) { return vt_hash(path->text, path->length, 0); }

static uint64_t hash_call(const struct vt_channel *channel, const struct vt_call *call,
                          const struct subject_path *paths, uint64_t state) {
  uint64_t path = hash_path(&paths->path);
  uint64_t rest = call->kind | state << 8 | (uint64_t)call->is_following << 16 |
                  (uint64_t)call->detail << 24;
  uint64_t epoch = vt_channel_epoch(channel, path);
  uint64_t hash = vt_mix(path, rest);
  if (epoch != 0) hash = vt_mix(hash, epoch);
  if (paths->target.length > 0) hash = vt_mix(hash, hash_path(&paths->target));
  return hash | 1;
}

static struct vt_entry entry_of(const struct vt_subject *subject, const struct vt_call *call,
                                const struct subject_path *paths) {
  return (struct vt_entry){
      .kind = call->kind,
      .flags = call->is_following ? VT_FOLLOWING : 0,
      .detail = call->detail,
      .pid = (uint32_t)(subject->tid != 0 ? subject->tid : VT_SYS(__NR_getpid)),
      .path = paths->path.text,
      .path_bytes = paths->path.length,
      .target = paths->target.text,
      .target_bytes = paths->target.length,
  };
}

static struct vt_record *append(const struct vt_subject *subject, struct vt_channel *channel,
                                const struct vt_call *call, const struct subject_path *paths,
                                uint8_t result, const struct vt_stamp *stamp) {
  struct vt_entry entry = entry_of(subject, call, paths);
  entry.result = result;
  entry.stamp = stamp;
  return vt_channel_append(channel, &entry);
}

static void append_listing(const struct vt_subject *subject, struct vt_channel *channel,
                           const struct vt_call *call, const struct subject_path *paths,
                           const struct vt_stamp *stamp) {
  struct vt_entry entry = entry_of(subject, call, paths);
  entry.stamp = stamp;
  long fd = VT_SYS(__NR_openat, AT_FDCWD, paths->path.text,
                   O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK, 0);
  if (vt_failed(fd)) {
    (void)vt_channel_append(channel, &entry); /* Without a listing, which the reader notices. */
    return;
  }
  entry.flags |= VT_HAS_LISTING;
  entry.listing = paths->scratch->spare;
  long count;
  do {
    count = vt_read_entries((int)fd, paths->scratch->spare, sizeof paths->scratch->spare);
    if (count < 0) break; /* The listing stays open-ended, which the reader notices. */
    if (count == 0) entry.flags |= VT_LISTING_ENDS;
    entry.listing_bytes = (size_t)count;
    const struct vt_record *record = vt_channel_append(channel, &entry);
    if (record == NULL) break;
    if (entry.kind == VT_LIST)
      entry.detail = (uint32_t)(((const uint8_t *)record - (const uint8_t *)channel->header) / 8);
    entry.kind = VT_LIST_MORE;
    entry.stamp = NULL;
    entry.path_bytes = 0;
  } while (count > 0);
  vt_close((int)fd);
}

/* Another process's paths are looked up from the root, our own exactly as the call does. */
static struct vt_stamp take_stamp(const struct vt_subject *subject, const struct vt_call *call,
                                  const struct vt_path *path) {
  if (subject->tid != 0 || call->path == NULL)
    return vt_stamp_at(AT_FDCWD, path->text, call->is_following);
  struct vt_stamp stamp = vt_stamp_at(call->dirfd, call->path, call->is_following);
  /* A file named with a slash at its end is there all the same. */
  return stamp.error == VT_ENOTDIR ? vt_stamp_at(AT_FDCWD, path->text, call->is_following) : stamp;
}
