#include "decode.h"

#include <linux/inotify.h>
#include <linux/sched.h>
#include <linux/openat2.h>

const int vt_path_calls[] = {
    __NR_newfstatat,   __NR_openat,       __NR_statx,     __NR_readlinkat, __NR_faccessat,
    VT_FACCESSAT2,   __NR_getdents64,   __NR_unlinkat,  __NR_mkdirat,    __NR_renameat2,
    __NR_renameat,     __NR_linkat,       __NR_symlinkat, __NR_mknodat,    __NR_fchmodat,
    VT_FCHMODAT2,    __NR_fchownat,     __NR_utimensat, __NR_truncate,   VT_OPENAT2,
    __NR_execve,       __NR_execveat,     __NR_setxattr,  __NR_lsetxattr,  __NR_removexattr,
    __NR_lremovexattr, __NR_chdir,        __NR_statfs,    __NR_getxattr,   __NR_lgetxattr,
    __NR_listxattr,    __NR_llistxattr,   VT_SETXATTRAT,  VT_GETXATTRAT,   VT_LISTXATTRAT,
    VT_REMOVEXATTRAT,  VT_FILE_GETATTR,   VT_FILE_SETATTR, __NR_inotify_add_watch,
    __NR_chroot,       __NR_pivot_root,   __NR_mount,     VT_MOVE_MOUNT,   __NR_setns,
    VT_OPEN_TREE,      __NR_name_to_handle_at, __NR_open_by_handle_at, __NR_connect, __NR_bind,
#ifdef __NR_open
    __NR_open,         __NR_stat,         __NR_lstat,     __NR_access,     __NR_readlink,
    __NR_creat,        __NR_rename,       __NR_link,      __NR_symlink,    __NR_unlink,
    __NR_rmdir,        __NR_mkdir,        __NR_mknod,     __NR_chmod,      __NR_chown,
    __NR_lchown,       __NR_utime,        __NR_utimes,    __NR_futimesat,  __NR_getdents,
#endif
    -1,
};

/* A path at which nothing but the path matters. */
static void plain(struct vt_call *call, enum vt_kind kind, int dirfd, uint64_t path) {
  call->kind = (uint8_t)kind;
  call->is_following = true;
  call->dirfd = dirfd;
  call->path = (const char *)(uintptr_t)path;
}

static void unfollowed(struct vt_call *call, enum vt_kind kind, int dirfd, uint64_t path) {
  plain(call, kind, dirfd, path);
  call->is_following = false;
}

/* Calls with AT_… flags. An empty path means the descriptor, whose open was seen. */
static void flagged(struct vt_call *call, enum vt_kind kind, const uint64_t at[2], uint64_t flags) {
  plain(call, kind, (int)at[0], at[1]);
  call->is_following = (flags & AT_SYMLINK_NOFOLLOW) == 0;
  if ((flags & AT_EMPTY_PATH) != 0 || at[1] == 0) call->kind = VT_NONE;
}

static void two(struct vt_call *call, enum vt_kind kind, const uint64_t at[4], uint64_t flags) {
  unfollowed(call, kind, (int)at[0], at[1]);
  call->target_dirfd = (int)at[2];
  call->target = (const char *)(uintptr_t)at[3];
  if (kind == VT_RENAME)
    call->detail = (uint32_t)flags;
  else if ((flags & AT_EMPTY_PATH) != 0)
    call->path = NULL;
  else
    call->is_following = (flags & AT_SYMLINK_FOLLOW) != 0;
}

static void link_with_text(struct vt_call *call, int dirfd, uint64_t path, uint64_t text) {
  unfollowed(call, VT_MAKE_LINK, dirfd, path);
  call->text = (const char *)(uintptr_t)text;
}

static void list(struct vt_call *call, uint64_t fd) {
  plain(call, VT_LIST, (int)fd, 0);
}

static void decode_modern(long number, const uint64_t a[6], struct vt_call *call) {
  switch (number) {
    case __NR_newfstatat: flagged(call, VT_PROBE, a, a[3]); break;
    case __NR_statx: flagged(call, VT_PROBE, a, a[2]); break;
    case __NR_faccessat: plain(call, VT_PROBE, (int)a[0], a[1]); break;
    case __NR_chdir:
    case __NR_getxattr:
    case __NR_listxattr:
    case __NR_statfs: plain(call, VT_PROBE, AT_FDCWD, a[0]); break;
    case __NR_lgetxattr:
    case __NR_llistxattr: unfollowed(call, VT_PROBE, AT_FDCWD, a[0]); break;
    case __NR_inotify_add_watch:
      plain(call, VT_PROBE, AT_FDCWD, a[1]);
      call->is_following = (a[2] & IN_DONT_FOLLOW) == 0;
      break;
    case VT_FACCESSAT2: flagged(call, VT_PROBE, a, a[3]); break;
    case __NR_openat: *call = vt_open_call((int)a[0], (const char *)(uintptr_t)a[1], a[2]); break;
    case __NR_readlinkat: unfollowed(call, VT_READLINK, (int)a[0], a[1]); break;
    case __NR_getdents64: list(call, a[0]); break;
    case __NR_unlinkat:
      unfollowed(call, VT_REMOVE, (int)a[0], a[1]);
      call->detail = (uint32_t)a[2];
      break;
    case __NR_mkdirat: unfollowed(call, VT_MAKE_DIRECTORY, (int)a[0], a[1]); break;
    case __NR_renameat: two(call, VT_RENAME, a, 0); break;
    case __NR_renameat2: two(call, VT_RENAME, a, a[4]); break;
    case __NR_linkat: two(call, VT_HARD_LINK, a, a[4]); break;
    case __NR_symlinkat: link_with_text(call, (int)a[1], a[2], a[0]); break;
    case __NR_mknodat:
      unfollowed(call, VT_WRITE, (int)a[0], a[1]);
      call->detail = VT_OPEN_CREATES | VT_OPEN_EXCLUSIVE;
      break;
    case __NR_fchmodat: plain(call, VT_METADATA, (int)a[0], a[1]); break;
    case VT_FCHMODAT2: flagged(call, VT_METADATA, a, a[3]); break;
    case __NR_fchownat: flagged(call, VT_METADATA, a, a[4]); break;
    case __NR_utimensat: flagged(call, VT_METADATA, a, a[3]); call->detail = VT_TIMES; break;
    case __NR_truncate: plain(call, VT_TRUNCATE, AT_FDCWD, a[0]); break;
    case __NR_setxattr:
    case __NR_removexattr: plain(call, VT_METADATA, AT_FDCWD, a[0]); break;
    case __NR_lsetxattr:
    case __NR_lremovexattr: unfollowed(call, VT_METADATA, AT_FDCWD, a[0]); break;
    case VT_GETXATTRAT:
    case VT_LISTXATTRAT: flagged(call, VT_PROBE, a, a[2]); break;
    case VT_SETXATTRAT:
    case VT_REMOVEXATTRAT: flagged(call, VT_METADATA, a, a[2]); break;
    case VT_FILE_GETATTR: flagged(call, VT_PROBE, a, a[4]); break;
    case VT_OPEN_TREE: flagged(call, VT_PROBE, a, a[2]); break;
    case __NR_name_to_handle_at:
      flagged(call, VT_PROBE, a, a[4]);
      call->is_following = (a[4] & AT_SYMLINK_FOLLOW) != 0;
      break;
    case VT_FILE_SETATTR: flagged(call, VT_METADATA, a, a[4]); break;
    case __NR_execve: plain(call, VT_EXECUTE, AT_FDCWD, a[0]); break;
    case __NR_execveat:
      plain(call, VT_EXECUTE, (int)a[0], a[1]);
      if ((a[4] & AT_EMPTY_PATH) != 0) call->path = NULL;
      break;
    default: break;
  }
}

/* Afterwards paths mean something else to the process than to us, or it has opened what it named by none. */
static void decode_blinding(long number, const uint64_t a[6], struct vt_call *call) {
  switch (number) {
    case __NR_setns:
      if (a[1] != 0 && (a[1] & CLONE_NEWNS) == 0) break; /* No file systems in that name space. */
      call->kind = VT_INCOMPLETE;
      break;
    case __NR_chroot:
    case __NR_pivot_root:
    case __NR_mount:
    case VT_MOVE_MOUNT: call->kind = VT_INCOMPLETE; break;
    case VT_OPEN_TREE:
      if ((a[2] & 1 /* OPEN_TREE_CLONE */) == 0) return;
      *call = (struct vt_call){.kind = VT_INCOMPLETE};
      break;
    case __NR_open_by_handle_at:
      call->kind = VT_INCOMPLETE;
      call->detail = VT_BY_HANDLE;
      return;
    default: return;
  }
  call->detail = VT_MOVED_ROOT;
}

/* Calls that newer processors no longer have. */
static void decode_old(long number, const uint64_t a[6], struct vt_call *call) {
#ifdef __NR_open
  const uint64_t cwd = (uint64_t)(int64_t)AT_FDCWD;
  const uint64_t pair[4] = {cwd, a[0], cwd, a[1]};
  switch (number) {
    case __NR_open: *call = vt_open_call(AT_FDCWD, (const char *)(uintptr_t)a[0], a[1]); break;
    case __NR_creat:
      *call = vt_open_call(AT_FDCWD, (const char *)(uintptr_t)a[0], O_CREAT | O_WRONLY | O_TRUNC);
      break;
    case __NR_stat:
    case __NR_access: plain(call, VT_PROBE, AT_FDCWD, a[0]); break;
    case __NR_lstat: unfollowed(call, VT_PROBE, AT_FDCWD, a[0]); break;
    case __NR_readlink: unfollowed(call, VT_READLINK, AT_FDCWD, a[0]); break;
    case __NR_rename: two(call, VT_RENAME, pair, 0); break;
    case __NR_link: two(call, VT_HARD_LINK, pair, 0); break;
    case __NR_symlink: link_with_text(call, AT_FDCWD, a[1], a[0]); break;
    case __NR_unlink: unfollowed(call, VT_REMOVE, AT_FDCWD, a[0]); break;
    case __NR_rmdir:
      unfollowed(call, VT_REMOVE, AT_FDCWD, a[0]);
      call->detail = AT_REMOVEDIR;
      break;
    case __NR_mkdir: unfollowed(call, VT_MAKE_DIRECTORY, AT_FDCWD, a[0]); break;
    case __NR_mknod:
      unfollowed(call, VT_WRITE, AT_FDCWD, a[0]);
      call->detail = VT_OPEN_CREATES | VT_OPEN_EXCLUSIVE;
      break;
    case __NR_chmod:
    case __NR_chown: plain(call, VT_METADATA, AT_FDCWD, a[0]); break;
    case __NR_utime:
    case __NR_utimes: plain(call, VT_METADATA, AT_FDCWD, a[0]); call->detail = VT_TIMES; break;
    case __NR_lchown: unfollowed(call, VT_METADATA, AT_FDCWD, a[0]); break;
    case __NR_futimesat: flagged(call, VT_METADATA, a, 0); call->detail = VT_TIMES; break;
    case __NR_getdents: list(call, a[0]); break;
    default: break;
  }
#else
  (void)number;
  (void)a;
  (void)call;
#endif
}

struct vt_call vt_open_how_call(int dirfd, const char *path, const struct open_how *how) {
  /* "/" and ".." mean something else then. */
  if ((how->resolve & RESOLVE_IN_ROOT) != 0)
    return (struct vt_call){.kind = VT_INCOMPLETE, .detail = VT_MOVED_ROOT};
  return vt_open_call(dirfd, path, how->flags);
}

struct vt_call vt_open_call(int dirfd, const char *path, uint64_t flags) {
  struct vt_call call = {.kind = VT_READ, .is_following = true, .dirfd = dirfd, .path = path};
  uint64_t access = flags & O_ACCMODE;
  if ((flags & O_NOFOLLOW) != 0 || (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
    call.is_following = false;
  if ((flags & O_PATH) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {
    call.kind = VT_PROBE; /* A file without a name gets its record when it is given one. */
    return call;
  }
  if (access == O_RDONLY && (flags & (O_CREAT | O_TRUNC)) == 0) {
    if ((flags & O_DIRECTORY) != 0) call.detail = VT_OPEN_DIRECTORY;
    return call;
  }
  call.kind = VT_WRITE;
  call.detail = (access == O_WRONLY ? 0U : VT_OPEN_READS) |
                ((flags & O_CREAT) == 0 ? 0U : VT_OPEN_CREATES) |
                ((flags & O_EXCL) == 0 ? 0U : VT_OPEN_EXCLUSIVE) |
                ((flags & O_TRUNC) == 0 ? 0U : VT_OPEN_TRUNCATES) |
                ((flags & O_APPEND) == 0 ? 0U : VT_OPEN_APPENDS);
  return call;
}

void vt_decode(long number, const uint64_t arguments[6], struct vt_call *call) {
  *call = (struct vt_call){.kind = VT_NONE};
  decode_modern(number, arguments, call);
  if (call->kind == VT_NONE) decode_old(number, arguments, call);
  decode_blinding(number, arguments, call);
  if (number == __NR_io_uring_setup) call->kind = VT_RING;
}
