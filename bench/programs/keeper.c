/*
 * What a cold run cannot do without where each step is watched and its result kept:
 *
 *     keeper <at once> <place> <command> <directory>…
 *
 * runs the command, a path and words, in every directory, so many at once. The kernel reports the calls that name
 * a path; at the first of a path it is looked at. When the program has ended, what it read is hashed; what it wrote
 * goes into a tar that is compressed, synced and named by its hash in `place`; all is looked at once more, and a
 * record with the text is appended to a file there. Only paths relative to the directory count, links are not
 * resolved, a hash is a few multiplications, and there is no database.
 */
#include "reported.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>

enum { path_max = 4096, seen_max = 1024, words_max = 64, threads_max = 64, room = 1 << 22, block = 512 };

struct seen { char path[256]; bool is_written; struct stat first; uint64_t digest; };
struct step { /* One a thread, for one program after the other. */
  const char *directory;
  int listener, text[2];
  size_t count, tar_bytes;
  struct seen seen[seen_max];
  void *packer;
  _Alignas(16) char stack[65536];
  char printed[65536], tar[room], packed[room + room / 8];
};

static char *command[words_max + 1], *place, **arguments;
static int count, next = 4, records;
static void *(*make_packer)(void); /* Of libzstd, whose headers are rarely there. */
static size_t (*pack)(void *, void *, size_t, const void *, size_t, int);

static void require(bool is_good, const char *what) {
  if (is_good) return;
  perror(what);
  exit(1);
}

static const char *inside(const struct step *step, const char *path) {
  static _Thread_local char text[path_max];
  require(snprintf(text, sizeof text, "%s/%s", step->directory, path) < path_max, path);
  return text;
}

/* In the memory of the thread, which waits, and with its descriptors, so that it gets the listener. */
static int become_program(void *argument) {
  struct step *step = argument;
  step->listener = install(NULL, 0);
  if (step->listener < 0 || syscall(SYS_unshare, CLONE_FILES) != 0) _exit(125);
  dup2(step->text[1], 1);
  dup2(step->text[1], 2);
  if (chdir(step->directory) == 0) execv(command[0], command);
  _exit(127);
}

static void note(struct step *step, pid_t pid, const struct seccomp_data *call) {
  bool is_at = call->nr == SYS_openat || call->nr == SYS_newfstatat || call->nr == SYS_statx || call->nr == SYS_mkdirat;
  char path[path_max];
  struct iovec here = {path, sizeof path}, there = {(void *)call->args[is_at ? 1 : 0], sizeof path};
  if (process_vm_readv(pid, &here, 1, &there, 1, 0) <= 0 || path[0] == '/' || path[0] == 0) return;
  bool does_write = call->nr == SYS_openat && (call->args[2] & O_ACCMODE) != O_RDONLY;
  struct seen *seen = step->seen, *end = seen + step->count;
  while (seen < end && strcmp(seen->path, path) != 0) seen++;
  if (seen == end) {
    require(step->count++ < seen_max - 1 && strlen(path) < sizeof seen->path, path);
    *seen = (struct seen){0};
    strcpy(seen->path, path);
    (void)lstat(inside(step, path), &seen->first);
  }
  seen->is_written |= does_write;
}

static void watch(struct step *step) {
  ioctl(step->listener, SET_FLAGS, TAKE_TURNS);
  for (;;) {
    struct pollfd ready = {step->listener, POLLIN, 0};
    if (poll(&ready, 1, -1) < 0 || (ready.revents & POLLIN) == 0) return; /* Nobody is left. */
    struct seccomp_notif notice = {0};
    if (ioctl(step->listener, SECCOMP_IOCTL_NOTIF_RECV, &notice) != 0) continue;
    note(step, (pid_t)notice.pid, &notice.data);
    struct seccomp_notif_resp go_on = {.id = notice.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    ioctl(step->listener, SECCOMP_IOCTL_NOTIF_SEND, &go_on);
  }
}

static uint64_t hash(const char *bytes, size_t count) {
  uint64_t digest = count;
  for (size_t part; count > 0; bytes += part, count -= part) {
    uint64_t word = 0;
    memcpy(&word, bytes, part = count < 8 ? count : 8);
    digest = (digest ^ word) * 0x9e3779b97f4a7c15u;
    digest ^= digest >> 32;
  }
  return digest;
}

/* What was read is hashed where the next file of the tar would begin, what was written stays there. */
static void look_back(struct step *step, struct seen *seen) {
  char *header = step->tar + step->tar_bytes, *content = header + block;
  int fd = open(inside(step, seen->path), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  struct stat now;
  if (fd < 0 || fstat(fd, &now) != 0) return;
  size_t left = room - step->tar_bytes - 4 * block;
  long got = S_ISREG(now.st_mode) ? read(fd, content, left) : syscall(SYS_getdents64, fd, content, left);
  close(fd);
  require(got >= 0 && (size_t)got < left, seen->path);
  seen->digest = hash(content, (size_t)got);
  if (!seen->is_written) return;
  seen->first = now;
  memset(header, 0, block);
  sprintf(header, "%.99s", seen->path);
  sprintf(header + 100, "%07o", now.st_mode & 0777u);
  sprintf(header + 124, "%011lo", got);
  memcpy(header + 148, "        0", 9);
  memcpy(header + 257, "ustar\00000", 8);
  unsigned sum = 0;
  for (int i = 0; i < block; i++) sum += (unsigned char)header[i];
  sprintf(header + 148, "%06o", sum);
  size_t padded = ((size_t)got + block - 1) / block * block;
  memset(content + got, 0, padded - (size_t)got);
  step->tar_bytes += block + padded;
}

static void keep(struct step *step, ssize_t printed) {
  char aside[path_max], name[path_max];
  step->tar_bytes = 0;
  for (size_t i = 0; i < step->count; i++) look_back(step, &step->seen[i]);
  memset(step->tar + step->tar_bytes, 0, 2 * block);
  size_t bytes = pack(step->packer, step->packed, sizeof step->packed, step->tar, step->tar_bytes + 2 * block, 1);
  snprintf(aside, sizeof aside, "%s/%p", place, (void *)step);
  snprintf(name, sizeof name, "%s/%016llx.tar.zst", place, (unsigned long long)hash(step->packed, bytes));
  int fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  require(fd >= 0 && write(fd, step->packed, bytes) == (ssize_t)bytes && fsync(fd) == 0 && close(fd) == 0, aside);
  require(rename(aside, name) == 0, name);
  for (size_t i = 0; i < step->count; i++) {
    const struct seen *seen = &step->seen[i];
    struct stat now = {0};
    (void)lstat(inside(step, seen->path), &now);
    bool is_same = now.st_ino == seen->first.st_ino && memcmp(&now.st_ctim, &seen->first.st_ctim, sizeof now.st_ctim) == 0;
    require(is_same || !S_ISREG(now.st_mode), "something has changed");
  }
  struct iovec parts[] = {{name, path_max}, {step->seen, step->count * sizeof *step->seen}, {step->printed, (size_t)printed}};
  require(writev(records, parts, 3) > 0, "record");
}

static void run(struct step *step) {
  step->count = 0;
  require(pipe2(step->text, O_CLOEXEC) == 0, "pipe"); /* It has to hold all of the text. */
  int shared = CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, status;
  pid_t pid = clone(become_program, step->stack + sizeof step->stack, shared, step);
  close(step->text[1]);
  require(pid > 0 && step->listener >= 0, "filter");
  watch(step);
  require(waitpid(pid, &status, 0) == pid && status == 0, command[0]);
  close(step->listener);
  ssize_t printed = read(step->text[0], step->printed, sizeof step->printed);
  close(step->text[0]);
  keep(step, printed);
  require(write(1, step->printed, (size_t)printed) == printed, "text");
}

static void *work(void *memory) {
  struct step *step = memory;
  step->packer = make_packer();
  for (int i; (i = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED)) < count;) {
    step->directory = arguments[i];
    run(step);
  }
  return NULL;
}

int main(int argc, char **argv) {
  void *zstd = dlopen("libzstd.so.1", RTLD_NOW);
  int thread_count = argc > next ? atoi(argv[1]) : 0;
  require(zstd != NULL && thread_count > 0 && thread_count <= threads_max, "libzstd.so.1, or the arguments");
  make_packer = (void *(*)(void))dlsym(zstd, "ZSTD_createCCtx");
  pack = (size_t(*)(void *, void *, size_t, const void *, size_t, int))dlsym(zstd, "ZSTD_compressCCtx");
  count = argc;
  arguments = argv;
  place = argv[2];
  char *word = strtok(argv[3], " "), path[path_max];
  for (int i = 0; i < words_max && word != NULL; word = strtok(NULL, " ")) command[i++] = word;
  snprintf(path, sizeof path, "%s/records", place);
  require((records = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) >= 0, path);
  pthread_t threads[threads_max];
  for (int i = 0; i < thread_count; i++)
    require(pthread_create(&threads[i], NULL, work, calloc(1, sizeof(struct step))) == 0, "thread");
  for (int i = 0; i < thread_count; i++) pthread_join(threads[i], NULL);
  return 0;
}
