/*
 * What a package's build does in a measured workspace:
 *
 *     task <outputs> <bytes> <least microseconds>
 *
 * reads every file below src and every file that src/deps.txt names, writes `outputs` files of `bytes`
 * bytes below dist, a thousand to a folder, and takes at least the given time. Each output begins with
 * the moment of this run, so a run that should not have happened is seen in the bytes. They compress to
 * about half, as program text does.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { folder_size = 1000, path_max = 4096, block = 1 << 20 };

static uint64_t digest;

static uint64_t nanoseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void fail(const char *path) {
  perror(path);
  exit(1);
}

static void read_file(const char *path) {
  static unsigned char bytes[65536];
  FILE *file = fopen(path, "rb");
  if (file == NULL) fail(path);
  size_t count;
  while ((count = fread(bytes, 1, sizeof bytes, file)) > 0)
    for (size_t i = 0; i < count; i++) digest = digest * 31 + bytes[i];
  fclose(file);
}

static void read_below(const char *directory) {
  DIR *open = opendir(directory);
  if (open == NULL) fail(directory);
  for (struct dirent *entry = readdir(open); entry != NULL; entry = readdir(open)) {
    if (entry->d_name[0] == '.') continue;
    char path[path_max];
    snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
    if (entry->d_type == DT_DIR) read_below(path);
    else read_file(path);
  }
  closedir(open);
}

static void read_dependencies(void) {
  FILE *list = fopen("src/deps.txt", "r");
  if (list == NULL) return;
  char path[path_max];
  while (fgets(path, sizeof path, list) != NULL) {
    path[strcspn(path, "\n")] = 0;
    read_file(path);
  }
  fclose(list);
}

static void write_file(const char *path, long bytes, uint64_t moment, int number) {
  static char text[block + 8];
  FILE *file = fopen(path, "wb");
  if (file == NULL) fail(path);
  uint64_t state = (moment ^ digest ^ ((uint64_t)number << 32)) | 1;
  long left = bytes - fprintf(file, "%016llx", (unsigned long long)moment);
  while (left > 0) {
    size_t count = left < block ? (size_t)left : (size_t)block;
    for (size_t i = 0; i < count; i += 8) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      uint64_t letters = (state & 0x0f0f0f0f0f0f0f0fu) + 0x6161616161616161u;
      memcpy(text + i, &letters, 8);
    }
    if (fwrite(text, 1, count, file) != count) fail(path);
    left -= (long)count;
  }
  if (fclose(file) != 0) fail(path);
}

int main(int argc, char **argv) {
  uint64_t start = nanoseconds(CLOCK_MONOTONIC);
  if (argc != 4) return 2;
  int outputs = atoi(argv[1]);
  read_below("src");
  read_dependencies();
  uint64_t moment = nanoseconds(CLOCK_REALTIME);
  mkdir("dist", 0777);
  for (int i = 0; i < outputs; i++) {
    char path[path_max];
    snprintf(path, sizeof path, "dist/%d", i / folder_size);
    if (i % folder_size == 0) mkdir(path, 0777);
    snprintf(path, sizeof path, "dist/%d/%d.txt", i / folder_size, i);
    write_file(path, atol(argv[2]), moment, i);
  }
  while (nanoseconds(CLOCK_MONOTONIC) - start < strtoull(argv[3], NULL, 10) * 1000)
    continue;
  printf("wrote %d files\n", outputs);
  return 0;
}
