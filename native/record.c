#include "record.h"

#include "recent.h"
#include "subject.h"

static bool tells_nothing(int error);

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

/*
 * Opening a directory says no more than that it is there; what is in it, only a listing does. Who opens what
 * can be nothing else, and finds nothing, does not come to list it, and who finds something else, as a program
 * that clears a directory does to tell files, learns nothing of what is in that.
 */
static void narrow(struct vt_call *call, const struct vt_stamp *stamp) {
  if (call->kind != VT_READ) return;
  bool wants_directory = call->detail == VT_OPEN_DIRECTORY;
  call->detail = 0;
  if (vt_stamp_type(stamp) == VT_TYPE_DIRECTORY) call->kind = VT_PROBE;
  else if (wants_directory && vt_stamp_is_missing(stamp)) call->kind = VT_LIST;
  else if (wants_directory && stamp->error == 0) call->kind = VT_PROBE;
}

static struct vt_stamp stamp_look(const struct vt_subject *subject, const struct vt_call *call,
                                  const struct vt_path *path, const struct vt_outcome *outcome) {
  if (outcome->stamp != NULL) return *outcome->stamp;
  if (outcome->error == 0 && outcome->fd >= 0) return vt_stamp_of_fd(outcome->fd);
  if (outcome->error == VT_ENOENT) return vt_stamp_error(VT_ENOENT);
  return vt_stamp_of_call(subject, call, path);
}

static void log_look(const struct vt_subject *subject, const struct vt_call *original,
                     const struct vt_outcome *outcome, struct vt_paths *paths) {
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
    if (!vt_is_wanted(channel, &call, paths)) continue;
    if (!vt_channel_add(channel, vt_call_hash(channel, &call, paths, result))) continue;
    if (!has_stamp) {
      stamp = stamp_look(subject, &call, &paths->path, outcome);
      has_stamp = true;
      narrow(&call, &stamp);
      if (call.kind != original->kind && !vt_channel_add(channel, vt_call_hash(channel, &call, paths, result)))
        continue;
    }
    const struct vt_finding finding = {&call, paths, result, &stamp};
    if (call.kind == VT_LIST && result == VT_OK && vt_stamp_type(&stamp) == VT_TYPE_DIRECTORY)
      vt_record_listing(subject, channel, &finding);
    else
      (void)vt_record_call(subject, channel, &finding);
  }
}

void vt_look(const struct vt_subject *subject, const struct vt_call *call,
             const struct vt_outcome *outcome) {
  if (call->kind == VT_NONE || tells_nothing(outcome->error)) return;
  uint64_t key = vt_recent_key(subject, call, outcome);
  if (key != 0 && vt_recent_has(key)) return;
  struct vt_paths paths;
  if (!vt_paths_claim(subject, call, &paths)) return;
  if (paths.path.length > 0) log_look(subject, call, outcome, &paths);
  if (key != 0 && vt_is_equal(paths.path.text, call->path)) vt_recent_keep(key);
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

/* A rename and a hard link read what they move: what is there. */
static struct vt_stamp look_at_source(const struct vt_subject *subject, const struct vt_call *call,
                           struct vt_paths *paths) {
  struct vt_call look = {.kind = VT_READ, .dirfd = call->dirfd, .path = call->path,
                         .is_following = call->is_following};
  struct vt_stamp stamp = vt_stamp_of_call(subject, &look, &paths->path);
  struct vt_outcome outcome = {.error = (int)stamp.error, .fd = -1, .stamp = &stamp};
  struct vt_paths source = {.path = paths->path, .scratch = paths->scratch};
  if (!tells_nothing(outcome.error)) log_look(subject, &look, &outcome, &source);
  return stamp;
}

/* A link to a descriptor whose file has no name: the file appears there as if it were created. */
static bool is_unnamed(const struct vt_call *call, const struct vt_paths *paths) {
  return call->kind == VT_HARD_LINK && paths->path.length == 0;
}

/* Nothing is left at the path then. */
static bool takes_away(const struct vt_call *call) {
  return call->kind == VT_REMOVE || call->kind == VT_RENAME;
}

static void end_epochs(struct vt_channel *channel, const struct vt_pending *pending) {
  if (pending->moves_others)
    vt_channel_end_all_epochs(channel);
  else
    vt_channel_end_epoch(channel, pending->path_hash);
}

/* Paths lead through it. */
static bool is_on_way(const struct vt_stamp *stamp) {
  uint32_t type = vt_stamp_type(stamp);
  return type == VT_TYPE_DIRECTORY || type == VT_TYPE_LINK;
}

/* Whether paths below will mean something else. What is in a directory that is removed was removed
 * before. */
static bool moves_others(const struct vt_call *call, const struct vt_stamp *source,
                         const struct vt_stamp *changed) {
  if (call->kind == VT_RENAME) return is_on_way(source) || is_on_way(changed);
  return call->kind == VT_REMOVE && vt_stamp_type(changed) == VT_TYPE_LINK;
}

/* Whether the call takes the place of a directory, or its name away, only if nothing is in it. */
static bool needs_empty(const struct vt_call *call, const struct vt_stamp *source,
                        const struct vt_stamp *changed) {
  if (vt_stamp_type(changed) != VT_TYPE_DIRECTORY) return false;
  if (call->kind == VT_REMOVE) return (call->detail & AT_REMOVEDIR) != 0;
  return call->kind == VT_RENAME && call->detail == 0 && vt_stamp_type(source) == VT_TYPE_DIRECTORY;
}

static bool is_full(const struct vt_path *path, struct vt_scratch *scratch) {
  long fd = vt_open_file(path->text, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return false;
  long count = vt_read_entries((int)fd, scratch->spare, sizeof scratch->spare);
  vt_close((int)fd);
  return count > 0;
}

/* What is in a directory decides whether the call will be refused. */
static void look_into(const struct vt_subject *subject, const struct vt_call *at,
                      const struct vt_paths *paths, const struct vt_path *changed,
                      const struct vt_stamp *stamp) {
  if (!is_full(changed, paths->scratch)) return;
  struct vt_call look = {.kind = VT_LIST, .dirfd = at->dirfd, .path = at->path};
  struct vt_outcome outcome = {.error = 0, .fd = -1, .stamp = stamp};
  struct vt_paths place = {.path = *changed, .scratch = paths->scratch};
  log_look(subject, &look, &outcome, &place);
}

/* `seen`: what stands where the call changes something, unless it was not looked at yet. */
static void begin(const struct vt_subject *subject, const struct vt_call *call,
                  struct vt_paths *paths, const struct vt_stamp *seen, struct vt_pending *pending) {
  bool has_target = call->target != NULL;
  struct vt_stamp source = {.error = 0};
  if (has_target) source = look_at_source(subject, call, paths);
  struct vt_call at = *call;
  if (has_target) {
    at.dirfd = call->target_dirfd;
    at.path = call->target;
    at.is_following = false;
  }
  const struct vt_path *changed = has_target ? &paths->target : &paths->path;
  struct vt_stamp stamp;
  if (seen != NULL) stamp = *seen;
  else if (has_target && changed->is_entered) stamp = vt_stamp_at(AT_FDCWD, changed->text, false);
  else stamp = vt_stamp_of_call(subject, &at, changed);
  if (needs_empty(call, &source, &stamp)) look_into(subject, &at, paths, changed, &stamp);
  uint8_t result = vt_stamp_is_missing(&source) ? VT_MISSING : foresee(call, &stamp);
  uint64_t type = stamp.error == 0 ? vt_stamp_type(&stamp) >> 12 : 16;
  pending->was_there = stamp.error == 0;
  pending->path_hash = vt_path_hash(&paths->path);
  pending->moves_others = moves_others(call, &source, &stamp);
  /* The supervisor is not told how it ends. */
  bool may_leave = subject->tid != 0 && result == VT_UNKNOWN && takes_away(call);
  const struct vt_finding finding = {call, paths, result, &stamp};
  for (int i = 0; i < subject->sinks->count; i++) {
    struct vt_channel *channel = &subject->sinks->channels[i];
    if (!vt_is_wanted(channel, call, paths)) continue;
    /* A different earlier state is a new record: only then can the call end differently. */
    pending->hashes[i] = vt_call_hash(channel, call, paths, 8 + type);
    if (vt_channel_add(channel, pending->hashes[i]))
      pending->records[i] = vt_record_call(subject, channel, &finding);
    if (may_leave && pending->moves_others) vt_channel_unsettle(channel);
    if (may_leave) end_epochs(channel, pending);
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

/*
 * What our own process is about to change is looked at before its name is read: the kernel answers a bad
 * address, or a name without an end, with an error, and then neither can anything be changed there.
 */
static bool look_first(const struct vt_subject *subject, const struct vt_call *call, struct vt_stamp *stamp) {
  if (subject->tid != 0 || call->path == NULL || call->target != NULL) return false;
  *stamp = vt_stamp_at(call->dirfd, call->path, call->is_following);
  return true;
}

void vt_write_begin(const struct vt_subject *subject, const struct vt_call *call,
                    struct vt_pending *pending) {
  memset(pending, 0, sizeof *pending);
  struct vt_stamp stamp;
  bool is_seen = look_first(subject, call, &stamp);
  if (is_seen && (stamp.error == VT_EFAULT || stamp.error == VT_ENAMETOOLONG)) return;
  /* A file named with a slash at its end is there all the same. */
  if (is_seen && stamp.error == VT_ENOTDIR) is_seen = false;
  struct vt_paths paths;
  if (!vt_paths_claim(subject, call, &paths)) return;
  if (is_unnamed(call, &paths)) {
    vt_scratch_release(paths.scratch);
    struct vt_call creation = created_by(call);
    vt_write_begin(subject, &creation, pending);
    return;
  }
  if (paths.path.length > 0 && (call->target == NULL || paths.target.length > 0))
    begin(subject, call, &paths, is_seen ? &stamp : NULL, pending);
  vt_scratch_release(paths.scratch);
  if (call->kind != VT_RENAME || (call->detail & 2 /* RENAME_EXCHANGE */) == 0) return;
  begin_way_back(subject, call);
  /* What is below two directories changes places at once; renamed one after the other, it would not. */
  if (pending->moves_others)
    (void)vt_note(subject, &(struct vt_call){.kind = VT_INCOMPLETE, .detail = VT_MOVED_ROOT});
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
      struct vt_paths paths;
      if (!vt_paths_claim(subject, call, &paths)) continue;
      if (vt_is_wanted(channel, call, &paths) && !is_unnamed(call, &paths))
        (void)vt_record_call(subject, channel, &(struct vt_finding){call, &paths, result, NULL});
      vt_scratch_release(paths.scratch);
    }
    if (result == VT_OK && takes_away(call)) end_epochs(channel, pending);
  }
}

void vt_write_made(const struct vt_subject *subject, const struct vt_call *call) {
  struct vt_paths paths;
  if (!vt_paths_claim(subject, call, &paths)) return;
  struct vt_stamp nothing = vt_stamp_error(VT_ENOENT);
  for (int i = 0; paths.path.length > 0 && i < subject->sinks->count; i++) {
    struct vt_channel *channel = &subject->sinks->channels[i];
    if (vt_is_wanted(channel, call, &paths) && vt_channel_add(channel, vt_call_hash(channel, call, &paths, VT_OK)))
      (void)vt_record_call(subject, channel, &(struct vt_finding){call, &paths, VT_OK, &nothing});
  }
  vt_scratch_release(paths.scratch);
}
