/*
 * What a hit cannot do without:
 *
 *     floor <threads> <list>
 *
 * does for each path of the list what the letter before it says: `s` looks at it with statx, `r` reads
 * it and hashes its bytes. Entries are ended by NUL. Neighbours in one directory share a descriptor of it,
 * an entry without such neighbours is found by its path. Something missing is looked at like everything else. Nothing is compared or printed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { path_max = 4096, threads_max = 64 };

struct part {
  char *start, *end;
  uint64_t digest;
  pthread_t thread;
};

static uint64_t hash(uint64_t digest, const char *bytes, size_t count) {
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    digest = (digest ^ word) * 0x9e3779b97f4a7c15u;
    digest ^= digest >> 32;
  }
  for (; count > 0; bytes++, count--) digest = (digest ^ (uint8_t)*bytes) * 0x9e3779b97f4a7c15u;
  return digest;
}

static uint64_t read_file(int directory, const char *name, uint64_t digest) {
  char bytes[65536];
  int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return digest;
  ssize_t count;
  while ((count = read(fd, bytes, sizeof bytes)) > 0) {
    digest = hash(digest, bytes, (size_t)count);
    if ((size_t)count < sizeof bytes) break;
  }
  close(fd);
  return digest;
}

static size_t directory_length(const char *path) { return (size_t)(strrchr(path, '/') + 1 - path); }

static bool is_in(const char *path, size_t length, const char *directory) {
  return strncmp(path, directory, length) == 0 && directory[length] == 0;
}

static void *visit(void *argument) {
  struct part *part = argument;
  char directory[path_max] = "";
  int fd = -1;
  for (char *entry = part->start, *next; entry < part->end; entry = next) {
    next = entry + strlen(entry) + 1;
    char *path = entry + 1;
    size_t length = directory_length(path);
    if (!is_in(path, length, directory)) {
      if (fd >= 0) close(fd);
      memcpy(directory, path, length);
      directory[length] = 0;
      bool has_neighbour = next < part->end && is_in(next + 1, directory_length(next + 1), directory);
      fd = has_neighbour ? open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    }
    int at = fd >= 0 ? fd : AT_FDCWD;
    const char *name = fd >= 0 ? path + length : path;
    struct statx status;
    if (*entry == 'r') part->digest = read_file(at, name, part->digest);
    else statx(at, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &status);
  }
  return NULL;
}

/* The end of the entry around `at`. */
static char *entry_end(char *at, char *end) { return at < end ? at + strlen(at) + 1 : end; }

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  int count = atoi(argv[1]);
  int fd = open(argv[2], O_RDONLY);
  struct stat status;
  if (count < 1 || count > threads_max || fstat(fd, &status) != 0) return 2;
  size_t size = (size_t)status.st_size;
  char *list = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
  if (list == MAP_FAILED) return 2;
  struct part parts[threads_max] = {0};
  char *start = list;
  for (int i = 0; i < count; i++) {
    char *end = i + 1 == count ? list + size : entry_end(list + size / (size_t)count * (size_t)(i + 1), list + size);
    parts[i] = (struct part){.start = start, .end = end};
    start = end;
    if (i > 0) pthread_create(&parts[i].thread, NULL, visit, &parts[i]);
  }
  visit(&parts[0]);
  for (int i = 1; i < count; i++) pthread_join(parts[i].thread, NULL);
  uint64_t digest = 0;
  for (int i = 0; i < count; i++) digest ^= parts[i].digest;
  return digest == 1; /* Keeps the hashing from being optimised away. */
}
