#include "family.h"

#include "stamp.h"

/* Each round catches a generation of forks. */
#define ROUNDS_MAX 50
#define PROCESSES_MAX 65536U
#define NAMES_BYTES 8192U
#define SIGKILL 9
#define SIGSTOP 19

struct process {
  int pid;
  int parent;
  int session;
  bool is_member;
  bool is_frozen;
  uint64_t started;
};

struct table {
  uint32_t count;
  struct process processes[PROCESSES_MAX];
};

struct room {
  struct table now;
  uint32_t frozen_count;
  int frozen[PROCESSES_MAX];
  uint8_t names[NAMES_BYTES];
};

static bool read_process(int pid, struct process *out);
static void read_table(struct room *room);
static void find_members(struct table *table, const struct vt_ancestor *ancestors, int count);
static uint32_t freeze(struct room *room);

struct vt_ancestor vt_ancestor_of(int pid) {
  struct process process;
  return (struct vt_ancestor){pid, read_process(pid, &process) ? process.started : 0};
}

void vt_family_kill(const struct vt_ancestor *ancestors, int count) {
  struct room *room = vt_map_memory(sizeof *room);
  if (room == NULL) return;
  for (int round = 0; round < ROUNDS_MAX; round++) {
    read_table(room);
    find_members(&room->now, ancestors, count);
    if (freeze(room) == 0) break;
  }
  for (uint32_t i = 0; i < room->frozen_count; i++) (void)VT_SYS(__NR_kill, room->frozen[i], SIGKILL);
  vt_unmap(room, sizeof *room);
}

/* How many were running until now. */
static uint32_t freeze(struct room *room) {
  uint32_t before = room->frozen_count;
  for (uint32_t i = 0; i < room->now.count; i++) {
    const struct process *process = &room->now.processes[i];
    bool is_known = !process->is_member || room->frozen_count == PROCESSES_MAX;
    for (uint32_t k = 0; k < before && !is_known; k++) is_known = room->frozen[k] == process->pid;
    if (is_known) continue;
    (void)VT_SYS(__NR_kill, process->pid, SIGSTOP);
    room->frozen[room->frozen_count++] = process->pid;
  }
  return room->frozen_count - before;
}

/* Of a number that another process has by now, nothing is ours; while a session lives, the number of
 * its leader is not given away. */
static bool is_rooted(const struct process *process, const struct table *table,
                      const struct vt_ancestor *ancestor) {
  if (process->pid == ancestor->pid) return process->started == ancestor->started;
  if (process->session != ancestor->pid) return false;
  for (uint32_t i = 0; i < table->count; i++)
    if (table->processes[i].pid == ancestor->pid)
      return table->processes[i].started == ancestor->started;
  return true;
}

static bool has_member_parent(const struct process *process, const struct table *table) {
  for (uint32_t i = 0; i < table->count; i++)
    if (table->processes[i].pid == process->parent) return table->processes[i].is_member;
  return false;
}

static void find_members(struct table *table, const struct vt_ancestor *ancestors, int count) {
  const int self = (int)VT_SYS(__NR_getpid);
  for (bool has_grown = true; has_grown;) {
    has_grown = false;
    for (uint32_t i = 0; i < table->count; i++) {
      struct process *process = &table->processes[i];
      if (process->is_member || process->pid == self || process->pid == 1) continue;
      process->is_member = has_member_parent(process, table);
      for (int k = 0; k < count && !process->is_member; k++)
        process->is_member = is_rooted(process, table, &ancestors[k]);
      has_grown = has_grown || process->is_member;
    }
  }
}

static void read_table(struct room *room) {
  room->now.count = 0;
  long fd = vt_open_file("/proc", O_RDONLY | O_DIRECTORY);
  if (vt_failed(fd)) return;
  long length;
  while ((length = vt_read_entries((int)fd, room->names, sizeof room->names)) > 0) {
    for (long at = 0; at < length; at += 2 + room->names[at + 1]) {
      int pid = 0;
      for (int i = 0; i < room->names[at + 1]; i++) {
        uint8_t digit = (uint8_t)(room->names[at + 2 + i] - '0');
        pid = digit > 9 || pid < 0 ? -1 : pid * 10 + digit;
      }
      if (pid <= 0 || room->now.count == PROCESSES_MAX) continue;
      if (read_process(pid, &room->now.processes[room->now.count])) room->now.count++;
    }
  }
  vt_close((int)fd);
}

static uint64_t read_number(const char **at) {
  uint64_t number = 0;
  while (**at == ' ') (*at)++;
  for (; **at >= '0' && **at <= '9'; (*at)++) number = number * 10 + (uint64_t)(**at - '0');
  while (**at != ' ' && **at != '\0') (*at)++;
  return number;
}

/* `1 (name) S 2 3 4 …`: the name may hold anything, so the last parenthesis closes it. False for one that
 * has ended. */
static bool read_process(int pid, struct process *out) {
  char path[32] = "/proc/";
  char text[512];
  vt_append_number(path, sizeof path, (uint64_t)pid);
  (void)vt_append(path, sizeof path, "/stat");
  long fd = vt_open_file(path, O_RDONLY);
  if (vt_failed(fd)) return false;
  long length = VT_SYS(__NR_read, fd, text, sizeof text - 1);
  vt_close((int)fd);
  if (length <= 0) return false;
  text[length] = '\0';
  const char *at = text + length;
  while (at > text && *at != ')') at--;
  if (at == text || at[1] == '\0' || at[2] == 'Z' || at[2] == 'X') return false;
  at += 3;
  *out = (struct process){.pid = pid, .parent = (int)read_number(&at)};
  (void)read_number(&at); /* Its group. */
  out->session = (int)read_number(&at);
  for (int field = 7; field < 22; field++) (void)read_number(&at);
  out->started = read_number(&at);
  return true;
}
