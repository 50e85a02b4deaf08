#include "stamp.h"

static uint8_t entry_kind(int fd, uint8_t type, const char *name);

struct vt_stamp vt_stamp_at(int dirfd, const char *path, bool is_following) {
  struct stat status;
  long result = VT_SYS(__NR_newfstatat, dirfd, path, &status, is_following ? 0 : AT_SYMLINK_NOFOLLOW);
  return result == 0 ? vt_stamp_from(&status) : vt_stamp_error((int)-result);
}

struct vt_stamp vt_stamp_of_fd(int fd) {
  struct stat status;
  long result = VT_SYS(__NR_fstat, fd, &status);
  return result == 0 ? vt_stamp_from(&status) : vt_stamp_error((int)-result);
}

struct vt_stamp vt_stamp_from(const struct stat *status) {
  const int64_t second = INT64_C(1000000000);
  return (struct vt_stamp){
      .mode = status->st_mode,
      .device = status->st_dev,
      .inode = status->st_ino,
      .size = (uint64_t)status->st_size,
      .mtime_ns = (int64_t)status->st_mtime * second + (int64_t)status->st_mtime_nsec,
      .ctime_ns = (int64_t)status->st_ctime * second + (int64_t)status->st_ctime_nsec,
  };
}

struct vt_stamp vt_stamp_error(int error) { return (struct vt_stamp){.error = (uint32_t)error}; }

bool vt_stamp_is_missing(const struct vt_stamp *stamp) {
  return stamp->error == VT_ENOENT || stamp->error == VT_ENOTDIR;
}

uint32_t vt_stamp_type(const struct vt_stamp *stamp) {
  return stamp->error == 0 ? stamp->mode & VT_TYPE_MASK : 0;
}

struct entry64 {
  uint64_t inode;
  int64_t offset;
  uint16_t bytes;
  uint8_t type;
  char name[];
};

/* Rewrites the kernel's entries in place: ours are always shorter. */
long vt_read_entries(int fd, void *buffer, size_t capacity) {
  uint8_t *out = buffer;
  do {
    long count = VT_SYS(__NR_getdents64, fd, buffer, capacity);
    if (count <= 0) return count;
    for (long at = 0; at < count;) {
      const struct entry64 *entry = (const struct entry64 *)(const void *)((uint8_t *)buffer + at);
      at += entry->bytes;
      if (vt_is_equal(entry->name, ".") || vt_is_equal(entry->name, "..")) continue;
      uint8_t kind = entry_kind(fd, entry->type, entry->name);
      size_t length = vt_length(entry->name);
      memmove(out + 2, entry->name, length);
      out[0] = kind;
      out[1] = (uint8_t)length;
      out += 2 + length;
    }
  } while (out == (uint8_t *)buffer);
  return out - (uint8_t *)buffer;
}

static uint8_t entry_kind(int fd, uint8_t type, const char *name) {
  if (type == 0) { /* The file system does not tell. */
    struct vt_stamp stamp = vt_stamp_at(fd, name, false);
    type = (uint8_t)(vt_stamp_type(&stamp) >> 12);
  }
  switch (type) {
    case 8: return 1;
    case 4: return 2;
    case 10: return 3;
    default: return 4;
  }
}
