#include "known.h"

#include "process.h"

#include <linux/stat.h>

#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000U
#endif

#define SLOTS 16U
#define TEXT_BYTES 480U /* A longer path is not remembered. */

struct slot {
  uint32_t version; /* Odd while it is written; for ever in a process that was forked meanwhile. */
  uint32_t length;
  struct vt_directory directory;
  uint64_t epochs;
  char text[TEXT_BYTES];
};
static struct slot slots[SLOTS];

static uint64_t identify(int fd, const char *path) {
  const uint32_t wanted = STATX_TYPE | STATX_INO | STATX_BTIME | STATX_MNT_ID;
  const int flags = (*path == '\0' ? AT_EMPTY_PATH : 0) | AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC;
  struct statx status;
  if (VT_SYS(__NR_statx, fd, path, flags, wanted, &status) != 0) return 0;
  if ((status.stx_mask & wanted) != wanted || (status.stx_mode & VT_TYPE_MASK) != VT_TYPE_DIRECTORY) return 0;
  const uint64_t parts[] = {status.stx_mnt_id, (uint64_t)status.stx_dev_major << 32 | status.stx_dev_minor,
                            status.stx_ino, (uint64_t)status.stx_btime.tv_sec, status.stx_btime.tv_nsec};
  return vt_hash(parts, sizeof parts, 0) | 1;
}

static uint64_t epochs_of(uint64_t hash) {
  uint64_t epochs = 0; /* They only grow. */
  for (int i = 0; i < vt_process.sinks.count; i++)
    epochs += vt_channel_epoch(&vt_process.sinks.channels[i], hash);
  return epochs;
}

static bool is_unsettled(void) {
  for (int i = 0; i < vt_process.sinks.count; i++)
    if (vt_channel_is_unsettled(&vt_process.sinks.channels[i])) return true;
  return false;
}

struct vt_directory vt_directory_of(int fd) {
  if (vt_process.sinks.count == 0 || is_unsettled()) return (struct vt_directory){0};
  uint64_t moves = epochs_of(0);
  return (struct vt_directory){.identity = identify(fd, ""), .moves = moves};
}

static struct slot *slot_of(const struct vt_directory *directory) {
  return &slots[directory->identity / 2 % SLOTS];
}

long vt_known_path(const struct vt_directory *directory, char *out) {
  if (directory->identity == 0) return -1;
  const struct slot *slot = slot_of(directory);
  uint32_t version = __atomic_load_n(&slot->version, __ATOMIC_ACQUIRE);
  if (version % 2 != 0 || slot->directory.identity != directory->identity ||
      slot->directory.moves != directory->moves)
    return -1;
  size_t length = slot->length < TEXT_BYTES ? slot->length : 0;
  uint64_t epochs = slot->epochs;
  memcpy(out, slot->text, length);
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  if (__atomic_load_n(&slot->version, __ATOMIC_RELAXED) != version) return -1;
  out[length] = '\0';
  return epochs == epochs_of(vt_hash(out, length, 0)) ? (long)length : -1; /* Else it was removed. */
}

/* Only if the path leads there: meanwhile the descriptor may have become another. */
void vt_know_path(const struct vt_directory *directory, const char *path, size_t length) {
  if (directory->identity == 0 || length == 0 || length >= TEXT_BYTES) return;
  uint64_t epochs = epochs_of(vt_hash(path, length, 0));
  if (identify(AT_FDCWD, path) != directory->identity) return;
  struct slot *slot = slot_of(directory);
  uint32_t version = __atomic_load_n(&slot->version, __ATOMIC_RELAXED);
  if (version % 2 != 0 || !__atomic_compare_exchange_n(&slot->version, &version, version + 1, false,
                                                       __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
    return;
  __atomic_thread_fence(__ATOMIC_RELEASE);
  slot->directory = *directory;
  slot->epochs = epochs;
  slot->length = (uint32_t)length;
  memcpy(slot->text, path, length);
  __atomic_store_n(&slot->version, version + 2, __ATOMIC_RELEASE);
}
