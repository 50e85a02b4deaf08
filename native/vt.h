/*
 * The contract between the native library and src/trace: the channel, its records, and the names of
 * the environment variables. src/trace/layout.ts knows the same numbers; a test compares the two. All
 * integers are little-endian.
 *
 * A channel is a file, one for each traced step, mapped by every process of the step and by vt:
 *
 *     header (one page) | epochs | set of hashes of what is already in the log | records, for ever
 *
 * Whoever appends reserves a record by swapping its first word from 0 to (length, reserved): the
 * reservation and its length become visible in one step, so a writer that is killed leaves at worst
 * one record that readers skip. No lock, no allocation, no thread-local storage.
 *
 * A path that is removed or moved away begins a new epoch: what is done to it from then on is recorded
 * anew, though it be the same again, as with a temporary name that is used for one file after another.
 * Where a directory or a link is moved away, that goes for all paths: they may have led through it.
 */
#ifndef VT_H
#define VT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VT_ABI 6U
#define VT_MAGIC UINT64_C(0x31656361727476) /* "vtrace1" */

/* Environment of a traced process. VT_CHANNEL lists the step's channel and, when vt runs inside a
 * traced task, those of the outer steps, separated by colons. VT_TRACE_SOCKET names the door of the
 * supervisor, empty where the filter is not to be used. VT_EXEC is for the launcher only. */
#define VT_ENV_CHANNEL "VT_CHANNEL"
#define VT_ENV_LIBRARY "VT_LIBRARY"
#define VT_ENV_SOCKET "VT_TRACE_SOCKET"
#define VT_ENV_EXEC "VT_EXEC"

#define VT_CHANNELS_MAX 4
#define VT_ROOTS_MAX 4
#define VT_ROOT_BYTES 988
#define VT_PATH_MAX 4096
#define VT_EPOCHS 8192U
#define VT_EPOCH_MAX 1024U /* Then a path has been used again often enough for the log. */

struct vt_root {
  uint16_t length;
  uint16_t flags;
  uint8_t path[VT_ROOT_BYTES];
};

struct vt_header {
  uint64_t magic; /* Written last. */
  uint32_t abi;
  uint32_t root_count;
  uint64_t capacity; /* Bytes that are mapped. */
  uint64_t committed; /* Where storage for records ends; a write beyond would be a SIGBUS. */
  uint64_t epochs_offset; /* VT_EPOCHS counters of 16 bits, by the hash of the path. */
  uint64_t set_offset;
  uint64_t records_offset;
  uint64_t tail; /* End of the records; to writers only a hint where to start looking. */
  uint64_t dropped; /* Records that found no room. */
  uint32_t incomplete; /* 1 << enum vt_incomplete */
  int32_t filter_error; /* Why the filter was refused: an errno. */
  uint32_t owner; /* The user of vt, whose supervisor serves nobody else. */
  uint32_t epoch; /* Of all paths: how often a directory, or a link, that they may lead through was moved. */
  uint32_t set_tables; /* How many of the set's tables have storage behind them. */
  uint32_t is_unsettled; /* A directory was about to be moved by a call of which nobody is told when it ends. */
  uint8_t reserved[32];
  struct vt_root roots[VT_ROOTS_MAX];
};
_Static_assert(sizeof(struct vt_header) == 4096, "the epochs start on the second page");

/* What is known not to have been seen. Those that name a program have a VT_INCOMPLETE record. */
enum vt_incomplete {
  VT_CHANNEL_FULL = 0,
  VT_FILTER_REFUSED = 1,
  VT_LISTENER_LOST = 2,
  VT_FOREIGN_ARCHITECTURE = 3,
  VT_PRIVILEGED_PROGRAM = 4,
  VT_UNREADABLE_MEMORY = 5,
  VT_UNTRACED_PROGRAM = 6,
  VT_MOVED_ROOT = 7, /* What the paths of the program mean cannot be told from outside. */
  VT_BY_HANDLE = 8, /* It opened files by something else than a path. */
};

enum vt_kind {
  VT_NONE = 0,
  VT_READ = 1,
  VT_PROBE = 2,
  VT_LIST = 3,
  VT_READLINK = 4,
  VT_EXECUTE = 5,
  VT_WRITE = 6, /* The first kind that changes something. */
  VT_MAKE_DIRECTORY = 7,
  VT_MAKE_LINK = 8,
  VT_HARD_LINK = 9,
  VT_RENAME = 10,
  VT_REMOVE = 11,
  VT_TRUNCATE = 12,
  VT_METADATA = 13,
  VT_LIST_MORE = 14, /* More entries of the VT_LIST record at offset detail * 8. */
  VT_INCOMPLETE = 15, /* detail: enum vt_incomplete; the path is the program's. */
  VT_RING = 16, /* The program asked for io_uring, which it did not get. */
};

enum vt_result { VT_OK = 0, VT_MISSING = 1, VT_REFUSED = 2, VT_UNKNOWN = 3 };

enum vt_record_flag {
  VT_FOLLOWING = 1,
  VT_HAS_STAMP = 2,
  VT_HAS_LISTING = 4, /* Entries follow the path; the listing ends with the first record… */
  VT_LISTING_ENDS = 8, /* …that has this flag. */
};

/* How a file was opened, in `detail` of VT_WRITE. */
enum vt_open {
  VT_OPEN_READS = 1,
  VT_OPEN_CREATES = 2,
  VT_OPEN_EXCLUSIVE = 4,
  VT_OPEN_TRUNCATES = 8,
  VT_OPEN_APPENDS = 16,
  VT_OPEN_DIRECTORY = 32, /* Of a VT_READ, and never written down. */
};

/* What was set, in `detail` of VT_METADATA; 0 for anything else than times. */
enum vt_metadata { VT_TIMES = 1 };

/* src/native/stamp.ts describes the same bytes. */
struct vt_stamp {
  uint32_t error;
  uint32_t mode;
  uint64_t device;
  uint64_t inode;
  uint64_t size;
  int64_t mtime_ns;
  int64_t ctime_ns;
};
_Static_assert(sizeof(struct vt_stamp) == 48, "src/native/stamp.ts reads 48-byte stamps");

/*
 * A record starts on a multiple of 8. After it: the stamp if there is one, the path, the target (of
 * VT_MAKE_LINK the text of the link, as it is), the entries of a listing (each: kind 1 file 2 directory 3 link 4 other, length of the name, name).
 */
struct vt_record {
  uint32_t head; /* Length in bytes << 2 | state. */
  uint8_t kind;
  uint8_t result; /* Of a write: VT_UNKNOWN until the call has ended. */
  uint8_t flags;
  uint8_t reserved;
  uint32_t pid;
  uint32_t detail;
  uint16_t path_bytes;
  uint16_t target_bytes;
  uint32_t listing_bytes;
};
_Static_assert(sizeof(struct vt_record) == 24, "src/trace/layout.ts says the same");

#define VT_STATE_MASK 3U
#define VT_RESERVED 1U
#define VT_COMMITTED 3U

#endif
