#include "inspect.h"

#include <elf.h>

#define HEAD_BYTES 4096
#define INTERPRETERS_MAX 5 /* The kernel's own limit for scripts run by scripts. */
#define SECTIONS_MAX 128U /* What a scratch buffer holds. */
#define IS_SET_USER 04000U
#define IS_SET_GROUP 02000U

static void inspect_head(struct vt_inspection *found, int fd, struct vt_scratch *scratch, long length);
static void read_interpreter(struct vt_inspection *found, const char *line);
static enum vt_program inspect_elf(int fd, struct vt_scratch *scratch, long length);
static bool has_raw_section(int fd, const Elf64_Ehdr *elf, struct vt_scratch *scratch);
static bool is_privileged(int fd);

struct vt_inspection vt_inspect(const char *path) {
  struct vt_inspection found = {.program = VT_PROGRAM_NONE};
  struct vt_scratch *scratch = vt_scratch_claim();
  if (scratch == NULL) return found;
  long fd = vt_open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!vt_failed(fd)) {
    long length = VT_SYS(__NR_pread64, fd, scratch->path, HEAD_BYTES - 1, 0);
    if (length > 0) {
      scratch->path[length] = '\0';
      inspect_head(&found, (int)fd, scratch, length);
      found.is_privileged = is_privileged((int)fd);
    }
    vt_close((int)fd);
  }
  vt_scratch_release(scratch);
  return found;
}

static void inspect_head(struct vt_inspection *found, int fd, struct vt_scratch *scratch, long length) {
  const char *text = scratch->path;
  if (text[0] == '#' && text[1] == '!') {
    found->program = VT_PROGRAM_SCRIPT;
    read_interpreter(found, text + 2);
  } else if (length > (long)sizeof(Elf64_Ehdr) && memcmp(text, ELFMAG, SELFMAG) == 0) {
    found->program = inspect_elf(fd, scratch, length);
  }
}

static void read_interpreter(struct vt_inspection *found, const char *line) {
  while (*line == ' ' || *line == '\t') line++;
  size_t length = 0;
  while (line[length] > ' ' && length < sizeof found->interpreter - 1) {
    found->interpreter[length] = line[length];
    length++;
  }
  found->interpreter[length] = '\0';
}

static enum vt_program inspect_elf(int fd, struct vt_scratch *scratch, long length) {
  const Elf64_Ehdr *elf = (const Elf64_Ehdr *)(const void *)scratch->path;
  if (elf->e_ident[EI_CLASS] != ELFCLASS64 || elf->e_machine != VT_ELF_MACHINE)
    return VT_PROGRAM_FOREIGN;
  bool has_loader = false;
  for (uint32_t i = 0; i < elf->e_phnum; i++) {
    uint64_t at = elf->e_phoff + i * sizeof(Elf64_Phdr);
    if (at + sizeof(Elf64_Phdr) > (uint64_t)length) break;
    const Elf64_Phdr *segment = (const Elf64_Phdr *)(const void *)(scratch->path + at);
    if (segment->p_type == PT_INTERP) has_loader = true;
  }
  if (!has_loader) return VT_PROGRAM_STATIC;
  return has_raw_section(fd, elf, scratch) ? VT_PROGRAM_RAW : VT_PROGRAM_DYNAMIC;
}

/* Go and Bun leave a section by which they can be told. */
static bool has_raw_section(int fd, const Elf64_Ehdr *elf, struct vt_scratch *scratch) {
  const uint64_t size = sizeof(Elf64_Shdr);
  uint64_t count = elf->e_shnum < SECTIONS_MAX ? elf->e_shnum : SECTIONS_MAX;
  if (elf->e_shoff == 0 || elf->e_shstrndx >= count) return false;
  Elf64_Shdr *sections = (Elf64_Shdr *)(void *)scratch->target;
  if (VT_SYS(__NR_pread64, fd, sections, count * size, elf->e_shoff) != (long)(count * size)) return false;
  uint64_t names = sections[elf->e_shstrndx].sh_offset;
  long length = VT_SYS(__NR_pread64, fd, scratch->spare, sizeof scratch->spare - 1, names);
  if (length <= 0) return false;
  scratch->spare[length] = '\0';
  for (uint64_t i = 0; i < count; i++) {
    if (sections[i].sh_name >= (uint64_t)length) continue;
    const char *name = scratch->spare + sections[i].sh_name;
    if (vt_is_equal(name, ".bun") || vt_is_equal(name, ".note.go.buildid")) return true;
  }
  return false;
}

static bool is_privileged(int fd) {
  struct stat status;
  if (VT_SYS(__NR_fstat, fd, &status) != 0) return false;
  if ((status.st_mode & IS_SET_USER) != 0 && status.st_uid != (uint32_t)VT_SYS(__NR_getuid)) return true;
  if ((status.st_mode & (IS_SET_GROUP | 010U)) == (IS_SET_GROUP | 010U) &&
      status.st_gid != (uint32_t)VT_SYS(__NR_getgid))
    return true;
  return VT_SYS(__NR_getuid) != 0 && VT_SYS(__NR_fgetxattr, fd, "security.capability", 0, 0) > 0;
}

bool vt_is_of_system(const char *path) {
  return vt_starts_with(path, "/usr/bin/") || vt_starts_with(path, "/usr/sbin/") ||
         vt_starts_with(path, "/usr/lib") || vt_starts_with(path, "/bin/") ||
         vt_starts_with(path, "/sbin/") || vt_starts_with(path, "/lib");
}

/* Node's own code is known; of other programs that did not come with the system nothing is. */
static bool may_be_raw(const char *path, enum vt_program program) {
  if (program == VT_PROGRAM_STATIC || program == VT_PROGRAM_RAW) return true;
  const char *name = path;
  for (const char *at = path; *at != '\0'; at++)
    if (*at == '/') name = at + 1;
  return program == VT_PROGRAM_DYNAMIC && !vt_is_of_system(path) && !vt_is_equal(name, "node");
}

static void judge(const struct vt_subject *subject, const char *path,
                  const struct vt_inspection *found) {
  struct vt_sinks *sinks = subject->sinks;
  if (found->is_privileged) vt_sinks_mark_program(sinks, VT_PRIVILEGED_PROGRAM, path);
  if (found->program == VT_PROGRAM_FOREIGN) vt_sinks_mark_program(sinks, VT_FOREIGN_ARCHITECTURE, path);
  if (!subject->is_filtered && may_be_raw(path, found->program)) vt_sinks_mark_program(sinks, VT_UNTRACED_PROGRAM, path);
}

enum vt_program vt_exec_begin(const struct vt_subject *subject, const struct vt_call *call,
                              struct vt_pending *pending) {
  vt_write_begin(subject, call, pending);
  struct vt_scratch *scratch = vt_scratch_claim();
  if (scratch == NULL) return VT_PROGRAM_NONE;
  struct vt_place place = {.tid = subject->tid, .dirfd = call->dirfd, .path = call->path,
                           .is_following = true};
  struct vt_path path;
  struct vt_inspection found = {.program = VT_PROGRAM_NONE};
  if (vt_resolve(&place, scratch->path, &path) && path.length > 0) {
    found = vt_inspect(path.text);
    judge(subject, path.text, &found);
  }
  for (int i = 0; i < INTERPRETERS_MAX && found.program == VT_PROGRAM_SCRIPT; i++) {
    struct vt_call next = {.kind = VT_EXECUTE, .is_following = true, .dirfd = AT_FDCWD,
                           .path = found.interpreter};
    struct vt_pending unused;
    vt_write_begin(subject, &next, &unused);
    place = (struct vt_place){.tid = subject->tid, .dirfd = AT_FDCWD, .path = found.interpreter};
    if (!vt_resolve(&place, scratch->path, &path) || path.length == 0) break;
    found = vt_inspect(path.text);
    judge(subject, path.text, &found);
  }
  vt_scratch_release(scratch);
  return found.program;
}
