/*
 * The language of language.ts, as a program that needs nothing: built statically for the kernel's
 * filter to watch, and with a shared libc for the preload library. interpreter.ts is its equal.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KNOWN_MAX 1024

/* Of a file, or why there is none. */
typedef struct {
  const char *problem;
  char *bytes;
  size_t length;
} content;

static uint32_t seen = 2166136261u;
static const char *prefix;
static char *known[KNOWN_MAX];
static int known_count;

static void absorb_bytes(const void *bytes, size_t length) {
  const unsigned char *at = bytes;
  for (size_t i = 0; i < length; i++) seen = (seen ^ at[i]) * 16777619u;
  seen = seen * 16777619u;
}

static void absorb(const char *text) { absorb_bytes(text, strlen(text)); }

static const char *problem(void) {
  switch (errno) {
    case ENOENT:
    case ENOTDIR: return "missing";
    case ELOOP: return "loop";
    case EISDIR: return "directory";
    case EEXIST: return "exists";
    case EINVAL: return "invalid";
    default: return "error";
  }
}

static int is_own_name(const char *name) {
  return strncmp(name, prefix, strlen(prefix)) == 0 || strncmp(name, "w-", 2) == 0;
}

static int is_own(const char *path) {
  for (const char *name = path; name != NULL;) {
    if (is_own_name(name)) return 1;
    name = strchr(name, '/');
    if (name != NULL) name++;
  }
  return 0;
}

static int is_known(const char *path) {
  for (int i = 0; i < known_count; i++)
    if (strcmp(known[i], path) == 0) return 1;
  return 0;
}

static void know(const char *path) {
  if (!is_known(path) && known_count < KNOWN_MAX) known[known_count++] = strdup(path);
}

static int counts(const char *path) { return !is_own(path) || is_known(path); }

static void make_directories(const char *path) {
  char *copy = strdup(path);
  for (char *at = copy; (at = strchr(at, '/')) != NULL; *at++ = '/') {
    *at = 0;
    mkdir(copy, 0777);
  }
  mkdir(copy, 0777);
  free(copy);
}

static void make_parents(const char *path) {
  char *copy = strdup(path);
  char *end = strrchr(copy, '/');
  if (end != NULL) {
    *end = 0;
    make_directories(copy);
  }
  free(copy);
}

static content read_descriptor(int fd) {
  content all = {NULL, malloc(4096), 0};
  for (size_t room = 4096;;) {
    ssize_t count = read(fd, all.bytes + all.length, room - all.length);
    if (count < 0) all.problem = problem();
    if (count <= 0) return all;
    all.length += (size_t)count;
    if (all.length == room) all.bytes = realloc(all.bytes, room *= 2);
  }
}

static content read_file(const char *path) {
  int fd = open(path, O_RDONLY);
  if (fd < 0) return (content){problem(), NULL, 0};
  content all = read_descriptor(fd);
  close(fd);
  return all;
}

static void absorb_content(content all) {
  if (all.problem != NULL) absorb(all.problem);
  else absorb_bytes(all.bytes, all.length);
}

static const char *write_descriptor(int fd, content data) {
  ssize_t count = write(fd, data.bytes, data.length);
  close(fd);
  return count == (ssize_t)data.length ? "ok" : "error";
}

static int open_making_parents(const char *path, int flags) {
  int fd = open(path, flags, 0666);
  if (fd >= 0 || errno != ENOENT || (flags & O_CREAT) == 0) return fd;
  make_parents(path);
  return open(path, flags, 0666);
}

static const char *put(const char *path, int flags, content data) {
  int fd = open_making_parents(path, flags);
  return fd < 0 ? problem() : write_descriptor(fd, data);
}

static content text_of(const char *text) {
  char *line = NULL;
  int length = asprintf(&line, "%s %08x\n", text, seen);
  return (content){NULL, line, (size_t)length};
}

static const int whole = O_WRONLY | O_CREAT | O_TRUNC;

static void write_whole(const char *path, content data) {
  absorb(put(path, whole, data));
  know(path);
}

static void describe(const char *path, struct stat *info, int result) {
  if (!counts(path)) return;
  if (result != 0) {
    absorb(problem());
    return;
  }
  char text[64] = "other";
  if (S_ISREG(info->st_mode))
    snprintf(text, sizeof text, "file %d %lld", (info->st_mode & 0100) != 0, (long long)info->st_size);
  if (S_ISDIR(info->st_mode)) strcpy(text, "directory");
  if (S_ISLNK(info->st_mode)) strcpy(text, "link");
  absorb(text);
}

static void read_link(const char *path) {
  char text[4096];
  ssize_t length = readlink(path, text, sizeof text);
  if (!counts(path)) return;
  if (length < 0) absorb(problem());
  else absorb_bytes(text, (size_t)length);
}

static int bytewise(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_entry(const struct dirent *entry) {
  return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static const char *kind_of(const struct dirent *entry) {
  switch (entry->d_type) {
    case DT_REG: return "file";
    case DT_DIR: return "directory";
    case DT_LNK: return "link";
    default: return "other";
  }
}

static char *below(const char *directory, const char *name) {
  char *path = NULL;
  return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

static void list(const char *path, int is_deep) {
  struct dirent **entries;
  int count = scandir(path, &entries, is_entry, bytewise);
  if (!counts(path)) return;
  if (count < 0) absorb(problem());
  for (int i = 0; i < count; i++) {
    if (is_own_name(entries[i]->d_name)) continue;
    absorb(entries[i]->d_name);
    absorb(kind_of(entries[i]));
    char *inner = below(path, entries[i]->d_name);
    if (is_deep && entries[i]->d_type == DT_DIR) list(inner, 1);
    if (is_deep && entries[i]->d_type == DT_REG) absorb_content(read_file(inner));
    if (is_deep && entries[i]->d_type == DT_LNK) read_link(inner);
    free(inner);
  }
}

static void empty(const char *path) {
  struct dirent **entries;
  int count = scandir(path, &entries, is_entry, bytewise);
  for (int i = 0; i < count; i++) {
    char *inner = below(path, entries[i]->d_name);
    if (entries[i]->d_type == DT_DIR) {
      empty(inner);
      rmdir(inner);
    } else {
      unlink(inner);
    }
    free(inner);
  }
}

static void update(const char *path, content data) {
  content old = read_file(path);
  int is_same = old.problem == NULL && old.length == data.length &&
                memcmp(old.bytes, data.bytes, data.length) == 0;
  if (!is_same) put(path, whole, data);
  know(path);
}

static void resume(const char *path, content data) {
  static const char mark[] = "state ";
  size_t length = sizeof mark - 1;
  content old = read_file(path);
  int is_state = old.problem != NULL ||
                 (old.length >= length && memcmp(old.bytes, mark, length) == 0);
  if (!is_state) absorb_content(old);
  content state = {NULL, malloc(length + data.length), length + data.length};
  memcpy(state.bytes, mark, length);
  memcpy(state.bytes + length, data.bytes, data.length);
  write_whole(path, state);
}

static void patch(const char *path, content data) {
  int fd = open_making_parents(path, O_RDWR | O_CREAT);
  if (fd < 0) {
    absorb(problem());
  } else {
    read_descriptor(fd);
    if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0) absorb("error");
    write_descriptor(fd, data);
  }
  know(path);
}

static void exclusive(const char *path, content data) {
  const char *result = put(path, O_WRONLY | O_CREAT | O_EXCL, data);
  if (strcmp(result, "exists") == 0) put(path, O_WRONLY | O_TRUNC, data);
  know(path);
}

static void append(const char *path, content data) {
  if (is_own(path) && !is_known(path)) write_whole(path, data);
  else absorb(put(path, O_WRONLY | O_APPEND, data));
}

static void poke(const char *path, const char *text) {
  content data = {NULL, (char *)text, strlen(text)};
  if (is_own(path) && !is_known(path)) write_whole(path, data);
  else absorb(put(path, O_WRONLY, data));
}

/* Through a mapping: no call tells of the write. */
static void map_over(int fd, const char *bytes, size_t length) {
  if (length == 0) return;
  char *at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return absorb("unmapped");
  memcpy(at, bytes, length);
  munmap(at, length);
}

static void write_mapped(const char *path, content data) {
  int fd = open_making_parents(path, O_RDWR | O_CREAT | O_TRUNC);
  absorb(fd < 0 ? problem() : "ok");
  if (fd >= 0) {
    if (ftruncate(fd, (off_t)data.length) != 0) absorb("error");
    map_over(fd, data.bytes, data.length);
    close(fd);
  }
  know(path);
}

static void poke_mapped(const char *path, const char *text) {
  content data = {NULL, (char *)text, strlen(text)};
  if (is_own(path) && !is_known(path)) return write_whole(path, data);
  int fd = open(path, O_RDWR);
  absorb(fd < 0 ? problem() : "ok");
  if (fd < 0) return;
  struct stat info;
  fstat(fd, &info);
  if ((size_t)info.st_size < data.length) data.length = (size_t)info.st_size;
  map_over(fd, data.bytes, data.length);
  close(fd);
}

/* Without a look at the content: the kernel moves it. */
static void clone(const char *from, const char *to) {
  if (!counts(from) || strcmp(from, to) == 0) return;
  int in = open(from, O_RDONLY);
  if (in < 0) return absorb(problem());
  struct stat info;
  fstat(in, &info);
  if (S_ISDIR(info.st_mode)) absorb("directory");
  else {
    int out = open_making_parents(to, whole);
    absorb(out < 0 ? problem() : "ok");
    know(to);
    if (out >= 0) {
      ssize_t count = 1;
      while (count > 0) {
        count = copy_file_range(in, NULL, out, NULL, 1 << 20, 0);
        if (count < 0) count = sendfile(out, in, NULL, 1 << 20);
      }
      close(out);
    }
  }
  close(in);
}

/* A file that gets its name when it is whole. */
static void write_unnamed(const char *path, content data) {
  char *directory = strdup(path), link_path[64];
  *strrchr(directory, '/') = 0;
  unlink(path);
  int fd = open(directory, O_TMPFILE | O_WRONLY, 0666);
  if (fd < 0 && errno == ENOENT) {
    make_directories(directory);
    fd = open(directory, O_TMPFILE | O_WRONLY, 0666);
  }
  free(directory);
  know(path);
  if (fd < 0) return absorb(problem());
  write(fd, data.bytes, data.length);
  snprintf(link_path, sizeof link_path, "/proc/self/fd/%d", fd);
  absorb(linkat(AT_FDCWD, link_path, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? "ok" : problem());
  close(fd);
}

static void exchange(const char *a, const char *b) {
  if (!is_known(a) || !is_known(b) || strcmp(a, b) == 0) return;
  absorb(renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) == 0 ? "ok" : problem());
}

static void reopen(const char *path) {
  char again[64];
  int fd = open(path, O_PATH);
  snprintf(again, sizeof again, "/proc/self/fd/%d", fd);
  content all = {fd < 0 ? problem() : NULL, NULL, 0};
  if (fd >= 0) all = read_file(again);
  if (counts(path)) absorb_content(all);
  close(fd);
}

static void read_within(const char *directory, const char *name) {
  int back = open(".", O_RDONLY | O_DIRECTORY);
  if (chdir(directory) != 0) absorb(problem());
  else {
    absorb_content(read_file(name));
    fchdir(back);
  }
  close(back);
}

/* Two processes and a pipe. */
static void read_piped(const char *path) {
  char *command = NULL;
  if (asprintf(&command, "cat '%s' 2>/dev/null | cat", path) < 0) return;
  FILE *pipe = popen(command, "r");
  content all = read_descriptor(fileno(pipe));
  pclose(pipe);
  free(command);
  if (counts(path)) absorb_content(all);
}

static void atomic(const char *path, content data) {
  char *aside = NULL;
  if (asprintf(&aside, "%s.tmp", path) < 0) return;
  absorb(put(aside, whole, data));
  absorb(rename(aside, path) == 0 ? "ok" : problem());
  know(path);
}

static void copy(const char *from, const char *to) {
  content data = read_file(from);
  if (!counts(from)) return;
  absorb_content(data);
  if (data.problem == NULL) write_whole(to, data);
}

static void make_link(const char *path, const char *target) {
  unlink(path);
  int result = symlink(target, path);
  if (result != 0 && errno == ENOENT) {
    make_parents(path);
    result = symlink(target, path);
  }
  absorb(result == 0 ? "ok" : problem());
  know(path);
}

/* The link leads elsewhere from one moment to the next. */
static void switch_link(const char *path, const char *target) {
  char *aside = NULL;
  if (asprintf(&aside, "%s.tmp", path) < 0) return;
  make_link(aside, target);
  absorb(rename(aside, path) == 0 ? "ok" : problem());
  know(path);
  absorb_content(read_file(below(path, "a")));
}

static void hard_link(const char *from, const char *path) {
  make_parents(path);
  unlink(path);
  absorb(link(from, path) == 0 ? "ok" : problem());
  know(path);
}

static void delete(const char *path) {
  const char *result = unlink(path) == 0 ? "ok" : problem();
  if (counts(path)) absorb(result);
  if (is_own(path)) know(path);
}

static void move(const char *from, const char *to) {
  if (is_own(from) && !is_known(from)) return;
  int result = rename(from, to);
  if (result != 0 && (errno == ENOENT || errno == ENOTDIR)) {
    make_parents(to);
    result = rename(from, to);
  }
  absorb(result == 0 ? "ok" : problem());
  know(from);
  know(to);
}

/* A directory that was filled aside, in the place of the last one. */
static void replace_directory(const char *path, content data) {
  char *aside = NULL;
  if (asprintf(&aside, "%s.new", path) < 0) return;
  make_directories(aside);
  char *name = below(aside, "x");
  write_whole(name, data);
  free(name);
  empty(path);
  rmdir(path);
  absorb(rename(aside, path) == 0 ? "ok" : problem());
  know(path);
}

static void change_mode(const char *path, const char *mode) {
  if (!counts(path)) return;
  absorb(chmod(path, (mode_t)strtol(mode, NULL, 8)) == 0 ? "ok" : problem());
}

static void format(const char *path, int is_always) {
  content data = read_file(path);
  if (!counts(path)) return;
  absorb_content(data);
  if (data.problem != NULL) return;
  int is_different = is_always;
  for (size_t i = 0; i < data.length; i++) {
    if (data.bytes[i] < 'A' || data.bytes[i] > 'Z') continue;
    data.bytes[i] += 32;
    is_different = 1;
  }
  if (is_different) absorb(put(path, O_WRONLY | O_TRUNC, data));
}

static void print(int fd, content data) {
  if (write(fd, data.bytes, data.length) < 0) _exit(111);
}

static void spawn(const char *program, const char *file) {
  char number[16], code[16];
  snprintf(number, sizeof number, "%u", seen);
  pid_t child = fork();
  if (child == 0) {
    if (strcmp(program, "shell") == 0)
      execlp("sh", "sh", "-c", "task-static \"$@\"", "sh", file, prefix, number, NULL);
    else
      execlp(program, program, file, prefix, number, NULL);
    _exit(112);
  }
  int status = 0;
  waitpid(child, &status, 0);
  snprintf(code, sizeof code, "%d", WEXITSTATUS(status));
  absorb(code);
}

/* Whoever runs the model does something meanwhile. */
static void pause_here(void) {
  const char *directory = getenv("PAUSE");
  if (directory == NULL) return;
  char path[4096], byte = 0;
  snprintf(path, sizeof path, "%s/reached", directory);
  int fd = open(path, O_WRONLY);
  write(fd, &byte, 1);
  close(fd);
  snprintf(path, sizeof path, "%s/go", directory);
  fd = open(path, O_RDONLY);
  read(fd, &byte, 1);
  close(fd);
}

static void frame(const char *mark) {
  content line = {NULL, (char *)mark, 4};
  print(1, line);
  print(2, line);
}

/* Returns the exit code, or -1 to go on. */
static int perform(char **word) {
  const char *op = word[0], *a = word[1], *b = word[2], *c = word[3];
  struct stat info;
#define IS(name) (strcmp(op, name) == 0)
  if (IS("read")) { content all = read_file(a); if (counts(a)) absorb_content(all); }
  else if (IS("probe")) describe(a, &info, stat(a, &info));
  else if (IS("look")) describe(a, &info, lstat(a, &info));
  else if (IS("readlink")) read_link(a);
  else if (IS("list")) list(a, 0);
  else if (IS("walk")) list(a, 1);
  else if (IS("env")) absorb(getenv(a) != NULL ? getenv(a) : "\x01unset");
  else if (IS("write")) write_whole(a, text_of(b));
  else if (IS("script")) { write_whole(a, text_of(b)); change_mode(a, c); }
  else if (IS("append")) append(a, text_of(b));
  else if (IS("poke")) poke(a, b);
  else if (IS("map")) write_mapped(a, text_of(b));
  else if (IS("map-over")) poke_mapped(a, b);
  else if (IS("clone")) clone(a, b);
  else if (IS("unnamed")) write_unnamed(a, text_of(b));
  else if (IS("exchange")) exchange(a, b);
  else if (IS("cut")) { write_whole(a, text_of(b)); absorb(truncate(a, 6) == 0 ? "ok" : problem()); }
  else if (IS("reopen")) reopen(a);
  else if (IS("within")) read_within(a, b);
  else if (IS("pipe")) read_piped(a);
  else if (IS("switch")) switch_link(a, b);
  else if (IS("replace")) replace_directory(a, text_of(b));
  else if (IS("prune")) absorb(rmdir(a) == 0 ? "ok" : problem());
  else if (IS("touch")) absorb(utimensat(AT_FDCWD, a, NULL, 0) == 0 ? "ok" : problem());
  else if (IS("atomic")) atomic(a, text_of(b));
  else if (IS("update")) update(a, text_of(b));
  else if (IS("patch")) patch(a, text_of(b));
  else if (IS("resume")) resume(a, text_of(b));
  else if (IS("exclusive")) exclusive(a, text_of(b));
  else if (IS("copy")) copy(a, b);
  else if (IS("mkdir")) make_directories(a);
  else if (IS("link")) make_link(a, b);
  else if (IS("hardlink")) hard_link(a, b);
  else if (IS("chmod")) change_mode(a, b);
  else if (IS("delete")) delete(a);
  else if (IS("rename")) move(a, b);
  else if (IS("empty")) { empty(a); make_directories(a); know(a); }
  else if (IS("clear")) { empty(a); rmdir(a); know(a); }
  else if (IS("format")) format(a, 0);
  else if (IS("reformat")) format(a, 1);
  else if (IS("print")) print(1, text_of(a));
  else if (IS("warn")) print(2, text_of(a));
  else if (IS("bytes")) print(1, (content){NULL, "\0\xff\xfe\r\xc3(\n", 7});
  else if (IS("spawn")) spawn(a, b);
  else if (IS("pause")) pause_here();
  else if (IS("exit")) return atoi(a);
  else return 113;
  return -1;
}

int main(int count, char **args) {
  if (count < 3) return 110;
  prefix = args[2];
  if (count > 3) seen = (uint32_t)strtoul(args[3], NULL, 10);
  else frame("<<<\n");
  content program = read_file(args[1]);
  if (program.problem != NULL) return 114;
  program.bytes = realloc(program.bytes, program.length + 1);
  program.bytes[program.length] = 0;
  int code = -1, is_skipping = 0;
  for (char *line = program.bytes; *line != 0 && code < 0;) {
    char *end = strchr(line, '\n');
    if (end == NULL) break;
    *end = 0;
    char *word[4] = {"", "", "", ""};
    for (int i = 0; i < 4 && line != NULL; i++) word[i] = strsep(&line, "\t");
    if (is_skipping) is_skipping = 0;
    else if (strcmp(word[0], "know") == 0) know(word[1]);
    else if (strcmp(word[0], "maybe") == 0) is_skipping = (int)(seen & 1);
    else code = perform(word);
    line = end + 1;
  }
  if (count == 3) frame(">>>\n");
  return code < 0 ? 0 : code;
}
