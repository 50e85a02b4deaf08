#include "inspect.h"

#include "outside.h"

#include <elf.h>
#include <linux/time_types.h>

#define HEAD_BYTES 4096
#define INTERPRETERS_MAX 5 /* The kernel's own limit for scripts run by scripts. */
#define SECTIONS_MAX 128U /* What a scratch buffer holds. */
#define IS_SET_USER 04000U
#define IS_SET_GROUP 02000U

/* What was found out about a file. */
struct inspection {
  enum vt_program program;
  bool may_call_directly; /* Enters the kernel by itself, or nothing is known of that. */
  bool is_privileged; /* Runs with other rights than its caller's: the loader drops LD_PRELOAD. */
  bool is_plain; /* Dynamic, of the system, and privileged for nobody. */
  struct vt_stamp stamp;
  char interpreter[256];
};

static void inspect_head(struct inspection *found, int fd, struct vt_scratch *scratch, long length);
static void inspect_unread(struct inspection *found, const char *path);
static void read_interpreter(struct inspection *found, const char *line);
static enum vt_program inspect_elf(int fd, struct vt_scratch *scratch, long length);
static bool has_raw_section(int fd, const Elf64_Ehdr *elf, struct vt_scratch *scratch);
static bool may_call_directly(enum vt_program program, int fd, char *room);
static void inspect_rights(struct inspection *found, int fd);
static bool gains_rights(const struct stat *status);

static void inspect_file(struct inspection *found, const char *path) {
  *found = (struct inspection){.program = VT_PROGRAM_NONE};
  struct vt_scratch *scratch = vt_scratch_claim();
  long fd = scratch == NULL ? -VT_ENOMEM : vt_open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (vt_failed(fd)) {
    inspect_unread(found, path);
  } else {
    long length = VT_SYS(__NR_pread64, fd, scratch->path, HEAD_BYTES - 1, 0);
    if (length > 0) {
      scratch->path[length] = '\0';
      inspect_head(found, (int)fd, scratch, length);
      found->may_call_directly = may_call_directly(found->program, (int)fd, scratch->path);
      inspect_rights(found, (int)fd);
    }
    vt_close((int)fd);
  }
  if (scratch != NULL) vt_scratch_release(scratch);
}

/* It may be run all the same: it cannot be read, or no descriptor is left to read it with. */
static void inspect_unread(struct inspection *found, const char *path) {
  struct stat status;
  if (VT_SYS(__NR_faccessat, AT_FDCWD, path, 1 /* X_OK */) != 0) return;
  if (VT_SYS(__NR_newfstatat, AT_FDCWD, path, &status, 0) != 0) return;
  found->is_privileged = gains_rights(&status);
  found->may_call_directly = !found->is_privileged;
}

static void inspect_head(struct inspection *found, int fd, struct vt_scratch *scratch, long length) {
  const char *text = scratch->path;
  if (text[0] == '#' && text[1] == '!') {
    found->program = VT_PROGRAM_SCRIPT;
    read_interpreter(found, text + 2);
  } else if (length > (long)sizeof(Elf64_Ehdr) && memcmp(text, ELFMAG, SELFMAG) == 0) {
    found->program = inspect_elf(fd, scratch, length);
  }
}

static void read_interpreter(struct inspection *found, const char *line) {
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

static void inspect_rights(struct inspection *found, int fd) {
  struct stat status;
  if (VT_SYS(__NR_fstat, fd, &status) != 0) return;
  bool has_capabilities = VT_SYS(__NR_fgetxattr, fd, "security.capability", 0, 0) > 0;
  bool has_bits = (status.st_mode & (IS_SET_USER | IS_SET_GROUP)) != 0;
  found->is_privileged = gains_rights(&status) || (has_capabilities && VT_SYS(__NR_getuid) != 0);
  found->is_plain = found->program == VT_PROGRAM_DYNAMIC && !found->may_call_directly &&
                    !has_capabilities && !has_bits;
  found->stamp = vt_stamp_from(&status);
}

static bool gains_rights(const struct stat *status) {
  if ((status->st_mode & IS_SET_USER) != 0 && status->st_uid != (uint32_t)VT_SYS(__NR_getuid)) return true;
  return (status->st_mode & (IS_SET_GROUP | 010U)) == (IS_SET_GROUP | 010U) &&
         status->st_gid != (uint32_t)VT_SYS(__NR_getgid);
}

/* Where the file really lies: a link in /usr/bin may lead anywhere. */
static bool may_call_directly(enum vt_program program, int fd, char *room) {
  if (program == VT_PROGRAM_STATIC || program == VT_PROGRAM_RAW) return true;
  if (program != VT_PROGRAM_DYNAMIC) return false;
  char link[32] = "/proc/self/fd/";
  vt_append_number(link, sizeof link, (uint64_t)fd);
  long length = VT_SYS(__NR_readlinkat, AT_FDCWD, link, room, VT_PATH_MAX - 1);
  room[length < 0 ? 0 : length] = '\0';
  return vt_may_call_directly(room);
}

/* npm's global packages may lie among the system's libraries, and are nobody's but their authors'. */
bool vt_is_of_system(const char *path) {
  bool is_below = vt_starts_with(path, "/usr/bin/") || vt_starts_with(path, "/usr/sbin/") ||
                  vt_starts_with(path, "/usr/lib") || vt_starts_with(path, "/bin/") ||
                  vt_starts_with(path, "/sbin/") || vt_starts_with(path, "/lib");
  return is_below && !vt_contains(path, "/node_modules/");
}

bool vt_may_call_directly(const char *path) {
  const char *name = path;
  for (const char *at = path; *at != '\0'; at++)
    if (*at == '/') name = at + 1;
  return !vt_is_of_system(path) && !vt_is_equal(name, "node");
}

static bool judge(const struct vt_subject *subject, const char *path,
                  const struct inspection *found) {
  struct vt_sinks *sinks = subject->sinks;
  if (found->is_privileged) vt_sinks_mark_program(sinks, VT_PRIVILEGED_PROGRAM, path);
  if (found->program == VT_PROGRAM_FOREIGN) vt_sinks_mark_program(sinks, VT_FOREIGN_ARCHITECTURE, path);
  if (found->may_call_directly && subject->reach == VT_BY_PRELOAD)
    vt_sinks_mark_program(sinks, VT_UNTRACED_PROGRAM, path);
  return found->may_call_directly && subject->reach == VT_ON_DEMAND;
}

static uint64_t program_key(const char *path, const struct vt_stamp *stamp) {
  return vt_mix(vt_hash(path, vt_length(path), VT_EXECUTE), vt_hash(stamp, sizeof *stamp, 0));
}

bool vt_is_known_program(const struct vt_sinks *sinks, const char *path) {
  if (*path != '/') return false;
  struct vt_stamp stamp = vt_stamp_at(AT_FDCWD, path, true);
  return stamp.error == 0 && vt_channel_has(&sinks->channels[0], program_key(path, &stamp));
}

/* A stamp stands for a content only when a change could not leave it as it is: later than the clock's grain. */
static void remember_program(struct vt_sinks *sinks, const char *path, const struct inspection *found) {
  struct __kernel_timespec now;
  if (!found->is_plain || VT_SYS(__NR_clock_gettime, 5 /* CLOCK_REALTIME_COARSE */, &now) != 0) return;
  const int64_t second = INT64_C(1000000000);
  if (found->stamp.ctime_ns + second < now.tv_sec * second + now.tv_nsec)
    (void)vt_channel_add(&sinks->channels[0], program_key(path, &found->stamp));
}

/* Whether it needs the filter. */
static bool inspect(const struct vt_subject *subject, const char *path, struct inspection *found) {
  if (vt_is_known_program(subject->sinks, path)) {
    found->program = VT_PROGRAM_DYNAMIC;
    return false;
  }
  inspect_file(found, path);
  remember_program(subject->sinks, path, found);
  return judge(subject, path, found);
}

struct vt_execution vt_exec_begin(const struct vt_subject *subject, const struct vt_call *call,
                                  struct vt_pending *pending) {
  struct vt_execution execution = {.program = VT_PROGRAM_NONE};
  vt_write_begin(subject, call, pending);
  struct vt_scratch *scratch = vt_scratch_claim();
  if (scratch == NULL) return execution;
  struct inspection found = {.program = VT_PROGRAM_SCRIPT};
  struct vt_call next = *call;
  for (int i = 0; i <= INTERPRETERS_MAX && found.program == VT_PROGRAM_SCRIPT; i++) {
    struct vt_pending unused;
    if (i > 0) {
      next = (struct vt_call){.kind = VT_EXECUTE, .is_following = true, .dirfd = AT_FDCWD,
                              .path = found.interpreter};
      vt_write_begin(subject, &next, &unused);
    }
    struct vt_place place = {.tid = subject->tid, .dirfd = next.dirfd, .path = next.path,
                             .is_following = true};
    struct vt_path path;
    if (!vt_resolve(&place, scratch->path, &path) || path.length == 0) break;
    if (inspect(subject, path.text, &found)) execution.needs_filter = true;
  }
  vt_scratch_release(scratch);
  execution.program = found.program;
  return execution;
}

bool vt_loads_from_roots(const struct vt_subject *subject, const char *list) {
  if (subject->reach != VT_ON_DEMAND || list == NULL || *list == '\0') return false;
  struct vt_scratch *scratch = vt_scratch_claim();
  bool is_inside = false;
  while (scratch != NULL && !is_inside) {
    size_t length = 0;
    while (list[length] != ':' && list[length] != ';' && list[length] != '\0') length++;
    if (length < VT_PATH_MAX) {
      memcpy(scratch->target, list, length);
      scratch->target[length] = '\0';
      struct vt_place place = {.dirfd = AT_FDCWD, .path = length == 0 ? "." : scratch->target};
      struct vt_path path;
      if (vt_resolve(&place, scratch->path, &path))
        for (int i = 0; i < subject->sinks->count; i++)
          if (vt_is_inside(subject->sinks->channels[i].header, &path, scratch->spare) ||
              vt_leads_inside(&subject->sinks->channels[i], &path, true))
            is_inside = true;
    }
    if (list[length] == '\0') break;
    list += length + 1;
  }
  if (scratch != NULL) vt_scratch_release(scratch);
  return is_inside;
}
