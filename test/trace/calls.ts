/**
 * One call each, in a directory with `file`, `dir/inner`, `link` → file and `dangling` → nowhere.
 * `answer`: what it returns, and errno when that is -1.
 */
type CallRow = {
  readonly name: string;
  readonly call: string;
  readonly answer: string;
  /** Recorded by the preload library, which sees how a call ends. */
  readonly seen: readonly string[];
  /** Recorded for a static program, before the call; the same where it is not given. */
  readonly foreseen?: readonly string[];
};

/** Looks, listings and changes, each as it succeeds and as it is refused. */
export const calls: readonly CallRow[] = [
  {
    name: "a read",
    call: `close(open("file", O_RDONLY))`,
    answer: "0",
    seen: ["read ok file"],
    foreseen: ["read unknown file"],
  },
  {
    name: "a read of something missing",
    call: `open("none", O_RDONLY)`,
    answer: "-1 2",
    seen: ["read missing none"],
  },
  {
    name: "a read below a file",
    call: `open("file/x", O_RDONLY)`,
    answer: "-1 20",
    seen: ["read missing file/x"],
  },
  {
    name: "a missing directory that would have been listed",
    call: `open("none", O_RDONLY | O_DIRECTORY)`,
    answer: "-1 2",
    seen: ["list missing none"],
  },
  {
    name: "a file opened as a directory",
    call: `open("file", O_RDONLY | O_DIRECTORY)`,
    answer: "-1 20",
    seen: ["read refused file"],
    foreseen: ["read unknown file"],
  },
  {
    name: "a link that is not to be followed",
    call: `open("link", O_RDONLY | O_NOFOLLOW)`,
    answer: "-1 40",
    seen: ["read refused link"],
    foreseen: ["read unknown link"],
  },
  {
    name: "a directory that is opened",
    call: `close(open("dir", O_RDONLY))`,
    answer: "0",
    seen: ["probe ok dir"],
  },
  {
    name: "a path with detours",
    call: `access(".//dir/./inner", F_OK)`,
    answer: "0",
    seen: ["probe ok dir/inner"],
  },
  {
    name: "a path that leads up after a name",
    call: `access("dir/../file", F_OK)`,
    answer: "0",
    seen: ["probe ok dir/../file"],
  },
  {
    name: "a stat of a link that leads nowhere",
    call: `stat("dangling", &status)`,
    answer: "-1 2",
    seen: ["probe missing dangling"],
  },
  {
    name: "an lstat of the same",
    call: `lstat("dangling", &status)`,
    answer: "0",
    seen: ["probe ok dangling"],
  },
  {
    name: "a stat of an open file by its descriptor alone",
    call: `fstat(0, &status)`,
    answer: "0",
    seen: [],
  },
  {
    name: "a readlink",
    call: `readlink("link", bytes, 4)`,
    answer: "4",
    seen: ["readlink ok link"],
    foreseen: ["readlink unknown link"],
  },
  {
    name: "a readlink of a file",
    call: `readlink("file", bytes, 4)`,
    answer: "-1 22",
    seen: ["readlink refused file"],
    foreseen: ["readlink unknown file"],
  },
  {
    name: "a look at an attribute",
    call: `getxattr("link", "user.none", bytes, 4)`,
    answer: "-1 61",
    seen: ["probe refused link"],
    foreseen: ["probe ok link"],
  },
  {
    name: "a watch",
    call: `inotify_add_watch(inotify_init(), "dir", IN_CREATE)`,
    answer: "1",
    seen: ["probe ok dir"],
  },
  {
    name: "a listing",
    call: `count("dir")`,
    answer: "3",
    seen: ["list ok dir"],
    foreseen: ["probe ok dir", "list ok dir"],
  },
  {
    name: "a new file",
    call: `close(open("new", O_CREAT | O_WRONLY | O_TRUNC, 0644))`,
    answer: "0",
    seen: ["write ok new"],
    foreseen: ["write unknown new"],
  },
  {
    name: "a new file that must not be there, and is",
    call: `open("file", O_CREAT | O_EXCL | O_WRONLY, 0644)`,
    answer: "-1 17",
    seen: ["write refused file"],
  },
  {
    name: "a new file without a directory",
    call: `open("none/new", O_CREAT | O_WRONLY, 0644)`,
    answer: "-1 2",
    seen: ["write missing none/new"],
    foreseen: ["write unknown none/new"],
  },
  {
    name: "a write to a file that is not there",
    call: `open("none", O_WRONLY)`,
    answer: "-1 2",
    seen: ["write missing none"],
  },
  {
    name: "a write to a directory",
    call: `open("dir", O_WRONLY)`,
    answer: "-1 21",
    seen: ["write refused dir"],
    foreseen: ["write unknown dir"],
  },
  {
    name: "a new directory",
    call: `mkdir("made", 0777)`,
    answer: "0",
    seen: ["make-directory ok made"],
    foreseen: ["make-directory unknown made"],
  },
  {
    name: "a directory that is there already",
    call: `mkdir("dir", 0777)`,
    answer: "-1 17",
    seen: ["make-directory refused dir"],
  },
  {
    name: "a link that is made",
    call: `symlink("file", "to-file")`,
    answer: "0",
    seen: ["make-link ok to-file"],
    foreseen: ["make-link unknown to-file"],
  },
  {
    name: "a hard link",
    call: `link("file", "same")`,
    answer: "0",
    seen: ["read ok file", "hard-link ok file → same"],
    foreseen: ["read ok file", "hard-link unknown file → same"],
  },
  {
    name: "a file moved into place",
    call: `rename("file", "dir/inner")`,
    answer: "0",
    seen: ["read ok file", "rename ok file → dir/inner"],
    foreseen: ["read ok file", "rename unknown file → dir/inner"],
  },
  {
    name: "a directory that is renamed",
    call: `rename("dir", "moved")`,
    answer: "0",
    seen: ["probe ok dir", "rename ok dir → moved"],
    foreseen: ["probe ok dir", "rename unknown dir → moved"],
  },
  {
    name: "a rename of nothing",
    call: `rename("none", "new")`,
    answer: "-1 2",
    seen: ["read missing none", "rename missing none → new"],
  },
  {
    name: "two names that are exchanged",
    call: `syscall(SYS_renameat2, AT_FDCWD, "file", AT_FDCWD, "dir/inner", RENAME_EXCHANGE)`,
    answer: "0",
    seen: [
      "read ok file",
      "rename ok file → dir/inner",
      "read ok dir/inner",
      "rename unknown dir/inner → file",
    ],
    foreseen: [
      "read ok file",
      "rename unknown file → dir/inner",
      "read ok dir/inner",
      "rename unknown dir/inner → file",
    ],
  },
  {
    name: "a file that is removed",
    call: `unlink("file")`,
    answer: "0",
    seen: ["remove ok file"],
    foreseen: ["remove unknown file"],
  },
  {
    name: "nothing that is removed",
    call: `unlink("none")`,
    answer: "-1 2",
    seen: ["remove missing none"],
  },
  {
    name: "a directory with something in it that is removed",
    call: `rmdir("dir")`,
    answer: "-1 39",
    seen: ["remove refused dir"],
    foreseen: ["remove unknown dir"],
  },
  {
    name: "a file that is cut",
    call: `truncate("file", 0)`,
    answer: "0",
    seen: ["truncate ok file"],
    foreseen: ["truncate unknown file"],
  },
  {
    name: "a new mode",
    call: `chmod("file", 0600)`,
    answer: "0",
    seen: ["metadata ok file"],
    foreseen: ["metadata unknown file"],
  },
  {
    name: "a file without a name that is given one by its descriptor",
    call: `linkat(AT_FDCWD, own(open(".", O_TMPFILE | O_RDWR, 0644)), AT_FDCWD, "named", AT_SYMLINK_FOLLOW)`,
    answer: "0",
    seen: ["probe ok .", "write ok named"],
    foreseen: ["probe ok .", "write unknown named"],
  },
  {
    name: "a file that is opened again by its descriptor",
    call: `close(open(own(open("file", O_RDONLY)), O_WRONLY | O_TRUNC))`,
    answer: "0",
    seen: ["read ok file", "write ok file"],
    foreseen: ["read unknown file", "write unknown file"],
  },
  {
    name: "a path below an open directory",
    call: `faccessat(open("dir", O_PATH), "../file", F_OK, 0)`,
    answer: "0",
    seen: ["probe ok dir", "probe ok file"],
  },
  {
    name: "a path below a directory that was entered by its descriptor",
    call: `fchdir(open("dir", O_PATH)) + access("inner", F_OK)`,
    answer: "0",
    seen: ["probe ok dir", "probe ok dir/inner"],
  },
  {
    name: "a path of 4,095 bytes",
    call: `access(lengthy(4095), F_OK)`,
    answer: "0",
    seen: ["probe ok file"],
  },
  {
    name: "a path of one byte more",
    call: `access(lengthy(4096), F_OK)`,
    answer: "-1 36",
    seen: [],
  },
  {
    name: "a file that is written through memory",
    call: `write_mapped(open("file", O_RDWR))`,
    answer: "0",
    seen: ["write ok file"],
    foreseen: ["write unknown file"],
  },
  {
    name: "a file that is made and removed again",
    call: `close(open("new", O_CREAT | O_EXCL | O_WRONLY, 0644)) + unlink("new")`,
    answer: "0",
    seen: ["write ok new", "remove ok new"],
    foreseen: ["write unknown new", "remove unknown new"],
  },
  {
    name: "a bad address",
    call: `mkdir((char *)8, 0777)`,
    answer: "-1 14",
    seen: [],
  },
  {
    name: "a place that is opened as a mount would be",
    call: `faccessat(syscall(428, AT_FDCWD, "dir", 0), "inner", F_OK, 0) + syscall(428, AT_FDCWD, "none", 0)`,
    answer: "-1 2",
    seen: ["probe ok dir", "probe ok dir/inner", "probe missing none"],
  },
  {
    name: "a handle of a file that is not there",
    call: `syscall(SYS_name_to_handle_at, AT_FDCWD, "none", bytes, bytes + 512, 0)`,
    answer: "-1 2",
    seen: ["probe missing none"],
  },
  {
    name: "io_uring, which nobody could watch",
    call: `syscall(425, 4, bytes)`,
    answer: "-1 38",
    seen: [],
  },
];
