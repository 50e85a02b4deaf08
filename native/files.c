/* Many small files at once: what a restore makes and what a store reads, for src/native/files.ts. */
#include "api.h"
#include "near.h"
#include "stamp.h"
#include "thread.h"

#include <linux/fs.h>

/* As src/native/files.ts packs them. */
struct file {
  uint32_t name; /* Set here: where its name begins among the names, which a NUL ends each. */
  uint32_t mode; /* That it gets when it is made. */
  uint32_t start; /* Of its content among the bytes. */
  uint32_t size;
  uint32_t is_done; /* Set here: whether all went well. */
};

struct job {
  bool (*work)(const struct job *job, struct vt_near *near, uint32_t index);
  int directory; /* That the names start from. */
  const char *names;
  struct file *files;
  uint32_t count;
  uint8_t *bytes;
  const struct vt_stamp *stamps;
  uint32_t next; /* That nobody has taken yet. */
  uint32_t done;
};

enum { SHARE = 16 }; /* So many files a thread takes at a time; for fewer than two shares it is alone. */

static long change(long number, long a, long b, long c, long d, long e);
static void fill_soon(uint8_t *bytes, size_t count);
static bool make_file(const struct job *job, struct vt_near *near, uint32_t index);
static bool read_file(const struct job *job, struct vt_near *near, uint32_t index);
static uint32_t run(struct job *job);
static void *take_shares(void *argument);

/* Makes `count` files in `directory`, each new, whole and with its mode. How many there are now: of the
 * others nothing is left. */
VT_API(uint32_t, vt_make_files,
       (const char *directory, const char *names, struct file *files, uint32_t count,
        uint8_t *bytes)) {
  long fd = VT_SYS(__NR_openat, AT_FDCWD, directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (vt_failed(fd)) return 0;
  struct job job = {make_file, (int)fd, names, files, count, bytes, NULL, 0, 0};
  uint32_t done = run(&job);
  vt_close((int)fd);
  return done;
}

/* Moves a directory with all that is in it to where nothing stands: as `name` in `parent`. 0 or a negative
 * errno; also refused where a directory made in `parent` would get more than its mode from it. */
VT_API(int32_t, vt_move_directory, (const char *from, const char *parent, const char *name)) {
  long fd = VT_SYS(__NR_openat, AT_FDCWD, parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (vt_failed(fd)) return (int32_t)fd;
  struct vt_stamp stamp = vt_stamp_of_fd((int)fd);
  bool gives_group = (stamp.mode & 02000) != 0;
  bool gives_rights = VT_SYS(__NR_getxattr, parent, "system.posix_acl_default", NULL, 0) > 0;
  long result = gives_group || gives_rights
                    ? -VT_EPERM
                    : change(__NR_renameat2, AT_FDCWD, (long)from, fd, (long)name, RENAME_NOREPLACE);
  vt_close((int)fd);
  return (int32_t)result;
}

/* Reads `count` files into `bytes`, each as long as it is to be and with its stamp. How many were as
 * they should be. */
VT_API(uint32_t, vt_read_files,
       (const char *paths, struct file *files, uint32_t count, uint8_t *bytes,
        const struct vt_stamp *stamps)) {
  struct job job = {read_file, AT_FDCWD, paths, files, count, bytes, stamps, 0, 0};
  if (count > 0) fill_soon(bytes, (size_t)files[count - 1].start + files[count - 1].size);
  return run(&job);
}

/* Memory that nobody has touched yet then comes in few large pages, where the kernel has them. */
static void fill_soon(uint8_t *bytes, size_t count) {
  const uintptr_t page = (uintptr_t)2 << 20;
  uintptr_t first = ((uintptr_t)bytes + page - 1) & ~(page - 1);
  uintptr_t end = ((uintptr_t)bytes + count) & ~(page - 1);
  if (first < end) (void)VT_SYS(__NR_madvise, first, end - first, 14 /* MADV_HUGEPAGE */);
}

/* Not by way of the gate: where vt is traced itself, what it changes has to be seen. */
static long change(long number, long a, long b, long c, long d, long e) {
  const long arguments[6] = {a, b, c, d, e, 0};
  return vt_enter(0, number, arguments);
}

static bool make_file(const struct job *job, struct vt_near *near, uint32_t index) {
  (void)near; /* All are in one directory. */
  const struct file *file = &job->files[index];
  const char *name = job->names + file->name;
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  long fd = change(__NR_openat, job->directory, (long)name, flags, 0600, 0);
  if (vt_failed(fd)) return false;
  bool is_made = vt_write_all((int)fd, job->bytes + file->start, file->size) == file->size &&
                 VT_SYS(__NR_fchmod, fd, file->mode) == 0; /* Whatever the umask. */
  vt_close((int)fd);
  if (!is_made) (void)change(__NR_unlinkat, job->directory, (long)name, 0, 0, 0);
  return is_made;
}

/* Nobody's link is followed, and no pipe is waited for. */
static bool read_file(const struct job *job, struct vt_near *near, uint32_t index) {
  const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const struct file *file = &job->files[index];
  struct vt_near_path at = vt_near_to(near, job->directory, job->names + file->name);
  long fd = VT_SYS(__NR_openat, at.directory, at.name, flags);
  if (vt_failed(fd)) return false;
  struct vt_stamp stamp = vt_stamp_of_fd((int)fd);
  bool is_read = memcmp(&stamp, &job->stamps[index], sizeof stamp) == 0 &&
                 vt_read_all((int)fd, job->bytes + file->start, file->size);
  vt_close((int)fd);
  return is_read;
}

/* Most of the time goes by in the kernel, where two threads hardly meet. */
static uint32_t run(struct job *job) {
  const char *name = job->names;
  for (uint32_t i = 0; i < job->count; i++) {
    job->files[i].name = (uint32_t)(name - job->names);
    name += vt_length(name) + 1;
  }
  if (job->count < 2 * SHARE)
    (void)take_shares(job);
  else
    vt_thread_share(take_shares, job);
  return job->done;
}

static void *take_shares(void *argument) {
  struct job *job = argument;
  uint32_t done = 0;
  struct vt_near near;
  vt_near_begin(&near);
  for (;;) {
    uint32_t first = __atomic_fetch_add(&job->next, SHARE, __ATOMIC_RELAXED);
    if (first >= job->count) break;
    for (uint32_t i = first; i < job->count && i < first + SHARE; i++) {
      bool is_done = job->work(job, &near, i);
      job->files[i].is_done = is_done ? 1 : 0;
      if (is_done) done++;
    }
  }
  vt_near_end(&near);
  (void)__atomic_fetch_add(&job->done, done, __ATOMIC_RELAXED);
  return NULL;
}
