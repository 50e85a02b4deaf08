#include "subject.h"

#include "outside.h"

static bool is_of_kernel(const struct vt_path *path);

static bool is_following(const struct vt_call *call, const struct vt_path *path) {
  return call->is_following || path->is_entered;
}

bool vt_paths_claim(const struct vt_subject *subject, const struct vt_call *call,
                    struct vt_paths *paths) {
  struct vt_scratch *scratch = vt_scratch_claim();
  if (scratch == NULL) {
    vt_sinks_mark(subject->sinks, VT_CHANNEL_FULL);
    return false;
  }
  *paths = (struct vt_paths){.scratch = scratch};
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

bool vt_is_wanted(struct vt_channel *channel, const struct vt_call *call,
                  struct vt_paths *paths) {
  if (call->kind == VT_EXECUTE || vt_is_inside(channel->header, &paths->path, paths->scratch->spare))
    return true;
  if (paths->target.length > 0 &&
      vt_is_inside(channel->header, &paths->target, paths->scratch->spare))
    return true;
  if (call->kind < VT_WRITE)
    return vt_leads_inside(channel, &paths->path, is_following(call, &paths->path));
  return !is_of_kernel(call->target == NULL ? &paths->path : &paths->target);
}

static bool is_of_kernel(const struct vt_path *path) {
  return vt_starts_with(path->text, "/dev/") || vt_starts_with(path->text, "/proc/") ||
         vt_starts_with(path->text, "/sys/");
}

uint64_t vt_path_hash(const struct vt_path *path) { return vt_hash(path->text, path->length, 0); }

/* With more, the kernel refuses it. */
static size_t text_bytes(const struct vt_call *call) {
  size_t bytes = vt_length(call->text);
  return bytes < VT_PATH_MAX ? bytes : 0;
}

uint64_t vt_call_hash(const struct vt_channel *channel, const struct vt_call *call,
                      const struct vt_paths *paths, uint64_t state) {
  uint64_t path = vt_path_hash(&paths->path);
  uint64_t rest = call->kind | state << 8 | (uint64_t)is_following(call, &paths->path) << 16 |
                  (uint64_t)call->detail << 24;
  uint64_t epoch = vt_channel_epoch(channel, path);
  uint64_t hash = vt_mix(path, rest);
  if (epoch != 0) hash = vt_mix(hash, epoch);
  if (paths->target.length > 0) hash = vt_mix(hash, vt_path_hash(&paths->target));
  if (call->text != NULL) hash = vt_mix(hash, vt_hash(call->text, text_bytes(call), 0));
  return hash | 1;
}

static struct vt_entry entry_of(const struct vt_subject *subject, const struct vt_finding *finding) {
  const struct vt_call *call = finding->call;
  const struct vt_paths *paths = finding->paths;
  return (struct vt_entry){
      .kind = call->kind,
      .result = finding->result,
      .flags = is_following(call, &paths->path) ? VT_FOLLOWING : 0,
      .detail = call->detail,
      .pid = (uint32_t)(subject->tid != 0 ? subject->tid : VT_SYS(__NR_getpid)),
      .stamp = finding->stamp,
      .path = paths->path.text,
      .path_bytes = paths->path.length,
      .target = call->text != NULL ? call->text : paths->target.text,
      .target_bytes = call->text != NULL ? text_bytes(call) : paths->target.length,
  };
}

struct vt_record *vt_record_call(const struct vt_subject *subject, struct vt_channel *channel,
                                 const struct vt_finding *finding) {
  struct vt_entry entry = entry_of(subject, finding);
  return vt_channel_append(channel, &entry);
}

void vt_record_listing(const struct vt_subject *subject, struct vt_channel *channel,
                       const struct vt_finding *finding) {
  struct vt_entry entry = entry_of(subject, finding);
  const struct vt_paths *paths = finding->paths;
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
struct vt_stamp vt_stamp_of_call(const struct vt_subject *subject, const struct vt_call *call,
                                 const struct vt_path *path) {
  if (subject->tid != 0 || call->path == NULL)
    return vt_stamp_at(AT_FDCWD, path->text, is_following(call, path));
  struct vt_stamp stamp = vt_stamp_at(call->dirfd, call->path, call->is_following);
  /* A file named with a slash at its end is there all the same. */
  if (stamp.error != VT_ENOTDIR) return stamp;
  return vt_stamp_at(AT_FDCWD, path->text, is_following(call, path));
}
