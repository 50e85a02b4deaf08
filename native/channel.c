#include "channel.h"

#include <asm/stat.h>

/*
 * The set is three tables, one behind the other: a hash goes into the first that has room for it. Most
 * steps know some hundred paths, which all lie on one page then; each page costs every process of the
 * step two faults. A large one knows 10,000; the last table keeps even ten times that fast.
 */
static const uint64_t set_slots[] = {UINT64_C(1) << 9, UINT64_C(1) << 13, UINT64_C(1) << 17};
#define SET_TABLES (sizeof set_slots / sizeof *set_slots)
#define SET_PROBES 16U
/* So many get storage at once. The last is a megabyte, and on a file system in memory what is claimed is
 * taken from there and given back, with every step. */
#define SET_TABLES_FIRST 2U
/* Storage for records is claimed in pieces of this size. Touching a page without storage on a full disk would
 * end the traced program with SIGBUS. */
#define CHUNK (UINT64_C(1) << 17)

/* Else the first touch on ext4 clears two megabytes at once, which takes milliseconds. */
#define MADV_RANDOM 1

static void open_one(struct vt_sinks *sinks, const char *path, size_t length);
static bool is_channel(struct vt_header *header);
static void refuse(struct vt_channel *channel, size_t bytes);
static void mark_unmapped(int fd);
static uint32_t *reserve(struct vt_channel *channel, uint32_t bytes);
static bool grow(struct vt_channel *channel, uint64_t needed);
static bool claim(const struct vt_channel *channel, uint64_t from, uint64_t bytes);
static void raise_to(uint64_t *value, uint64_t minimum);
static bool write_roots(struct vt_header *header, const char *roots);

void vt_sinks_open(struct vt_sinks *sinks, const char *list) {
  sinks->count = 0;
  while (*list != '\0') {
    size_t length = 0;
    while (list[length] != '\0' && list[length] != ':') length++;
    if (length > 0 && length < VT_CHANNEL_PATH) open_one(sinks, list, length);
    list += length + (list[length] == ':' ? 1 : 0);
  }
}

static void open_one(struct vt_sinks *sinks, const char *path, size_t length) {
  struct vt_channel spare;
  bool is_too_many = sinks->count == VT_CHANNELS_MAX;
  struct vt_channel *channel = is_too_many ? &spare : &sinks->channels[sinks->count];
  memcpy(channel->path, path, length);
  channel->path[length] = '\0';
  long fd = vt_open_file(channel->path, O_RDWR);
  if (vt_failed(fd)) return;
  struct stat status;
  long mapped = -VT_ENOMEM;
  /* To touch what a file does not have is SIGBUS. */
  bool is_known = VT_SYS(__NR_fstat, fd, &status) == 0;
  if (is_known && status.st_size < (long)sizeof(struct vt_header)) {
    vt_close((int)fd);
    return;
  }
  if (!is_too_many && is_known)
    mapped = VT_SYS(__NR_mmap, 0, status.st_size, VT_PROT_READ | VT_PROT_WRITE, VT_MAP_SHARED, fd, 0);
  if (vt_failed(mapped)) {
    mark_unmapped((int)fd);
  } else {
    channel->header = (struct vt_header *)mapped;
    (void)VT_SYS(__NR_madvise, mapped, status.st_size, MADV_RANDOM);
    if (is_channel(channel->header) && channel->header->abi == VT_ABI)
      sinks->count++;
    else
      refuse(channel, (size_t)status.st_size);
  }
  vt_close((int)fd);
}

/* The name may be a left one, of what is by now somebody else's file. */
static bool is_channel(struct vt_header *header) {
  return __atomic_load_n(&header->magic, __ATOMIC_ACQUIRE) == VT_MAGIC;
}

/* Of another version of vt, whose header begins as ours does. */
static void refuse(struct vt_channel *channel, size_t bytes) {
  if (is_channel(channel->header)) vt_channel_mark(channel, VT_CHANNEL_FULL);
  vt_unmap(channel->header, bytes);
}

/* Under `ulimit -v` even one page may do where the whole does not. */
static void mark_unmapped(int fd) {
  long mapped = VT_SYS(__NR_mmap, 0, sizeof(struct vt_header), VT_PROT_READ | VT_PROT_WRITE,
                       VT_MAP_SHARED, fd, 0);
  if (vt_failed(mapped)) return;
  struct vt_channel channel = {.header = (struct vt_header *)mapped};
  if (is_channel(channel.header)) vt_channel_mark(&channel, VT_CHANNEL_FULL);
  vt_unmap((void *)mapped, sizeof(struct vt_header));
}

void vt_sinks_close(struct vt_sinks *sinks) {
  for (int i = 0; i < sinks->count; i++)
    vt_unmap(sinks->channels[i].header, sinks->channels[i].header->capacity);
  sinks->count = 0;
}

bool vt_sinks_are_own(const struct vt_sinks *sinks) {
  const uint32_t user = (uint32_t)VT_SYS(__NR_geteuid);
  for (int i = 0; i < sinks->count; i++)
    if (sinks->channels[i].header->owner != user) return false;
  return true;
}

static uint8_t *put(uint8_t *at, const void *bytes, size_t count) {
  memcpy(at, bytes, count);
  return at + count;
}

struct vt_record *vt_channel_append(struct vt_channel *channel, const struct vt_entry *entry) {
  size_t stamp_bytes = entry->stamp == NULL ? 0 : sizeof(struct vt_stamp);
  size_t bytes = sizeof(struct vt_record) + stamp_bytes + entry->path_bytes + entry->target_bytes +
                 entry->listing_bytes;
  bytes = (bytes + 7) & ~(size_t)7;
  uint32_t *head = reserve(channel, (uint32_t)bytes);
  if (head == NULL) {
    __atomic_fetch_add(&channel->header->dropped, 1, __ATOMIC_RELAXED);
    vt_channel_mark(channel, VT_CHANNEL_FULL);
    return NULL;
  }
  struct vt_record *record = (struct vt_record *)(void *)head;
  record->kind = entry->kind;
  record->result = entry->result;
  record->flags = (uint8_t)(entry->flags | (stamp_bytes == 0 ? 0 : VT_HAS_STAMP));
  record->pid = entry->pid;
  record->detail = entry->detail;
  record->path_bytes = (uint16_t)entry->path_bytes;
  record->target_bytes = (uint16_t)entry->target_bytes;
  record->listing_bytes = (uint32_t)entry->listing_bytes;
  uint8_t *at = (uint8_t *)record + sizeof *record;
  at = put(at, entry->stamp, stamp_bytes);
  at = put(at, entry->path, entry->path_bytes);
  at = put(at, entry->target, entry->target_bytes);
  (void)put(at, entry->listing, entry->listing_bytes);
  __atomic_store_n(head, (uint32_t)bytes << 2 | VT_COMMITTED, __ATOMIC_RELEASE);
  return record;
}

/* Room for one record, or NULL. */
static uint32_t *reserve(struct vt_channel *channel, uint32_t bytes) {
  struct vt_header *header = channel->header;
  uint64_t offset = __atomic_load_n(&header->tail, __ATOMIC_ACQUIRE);
  for (;;) {
    if (offset + bytes > __atomic_load_n(&header->committed, __ATOMIC_ACQUIRE) &&
        !grow(channel, offset + bytes))
      return NULL;
    uint32_t *head = (uint32_t *)(void *)((uint8_t *)header + offset);
    uint32_t found = 0;
    if (__atomic_compare_exchange_n(head, &found, bytes << 2 | VT_RESERVED, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE)) {
      raise_to(&header->tail, offset + bytes);
      return head;
    }
    uint32_t length = found >> 2;
    if (length < sizeof(struct vt_record) || length % 8 != 0) return NULL; /* Scribbled over. */
    offset += length;
  }
}

static bool grow(struct vt_channel *channel, uint64_t needed) {
  struct vt_header *header = channel->header;
  uint64_t committed = __atomic_load_n(&header->committed, __ATOMIC_ACQUIRE);
  uint64_t wanted = (needed + CHUNK - 1) / CHUNK * CHUNK;
  if (wanted > header->capacity || !claim(channel, committed, wanted - committed)) return false;
  raise_to(&header->committed, wanted);
  return true;
}

/* In memory, older kernels stop at any signal. */
static long allocate(int fd, uint64_t from, uint64_t bytes) {
  long result;
  do {
    result = VT_SYS(__NR_fallocate, fd, 0, from, bytes);
  } while (result == -VT_EINTR);
  return result;
}

static bool claim(const struct vt_channel *channel, uint64_t from, uint64_t bytes) {
  long fd = vt_open_file(channel->path, O_RDWR);
  if (vt_failed(fd)) return false;
  long result = allocate((int)fd, from, bytes);
  vt_close((int)fd);
  return result == 0;
}

static void raise_to(uint64_t *value, uint64_t minimum) {
  uint64_t current = __atomic_load_n(value, __ATOMIC_RELAXED);
  while (current < minimum &&
         !__atomic_compare_exchange_n(value, &current, minimum, true, __ATOMIC_ACQ_REL,
                                      __ATOMIC_RELAXED)) {
  }
}

void vt_channel_settle(struct vt_record *record, uint8_t result) {
  __atomic_store_n(&record->result, result, __ATOMIC_RELEASE);
}

bool vt_channel_has(const struct vt_channel *channel, uint64_t hash) {
  const struct vt_header *header = channel->header;
  const uint64_t *slots = (const uint64_t *)(const void *)((const uint8_t *)header + header->set_offset);
  const uint32_t tables = __atomic_load_n(&header->set_tables, __ATOMIC_ACQUIRE);
  hash |= 1; /* 0 is a free slot. */
  for (size_t table = 0; table < SET_TABLES && table < tables; slots += set_slots[table++])
    for (uint64_t i = 0; i < SET_PROBES; i++) {
      uint64_t found = __atomic_load_n(&slots[(hash / 2 + i) & (set_slots[table] - 1)], __ATOMIC_RELAXED);
      if (found == 0 || found == hash) return found == hash;
    }
  return false;
}

/* Whether a table has storage, which it gets when it is first needed. */
static bool has_table(struct vt_channel *channel, size_t table, const uint64_t *slots) {
  struct vt_header *header = channel->header;
  if (table < __atomic_load_n(&header->set_tables, __ATOMIC_ACQUIRE)) return true;
  uint64_t from = (uint64_t)((const uint8_t *)slots - (const uint8_t *)header);
  if (!claim(channel, from, set_slots[table] * sizeof *slots)) return false;
  __atomic_store_n(&header->set_tables, (uint32_t)table + 1, __ATOMIC_RELEASE);
  return true;
}

bool vt_channel_add(struct vt_channel *channel, uint64_t hash) {
  struct vt_header *header = channel->header;
  uint64_t *slots = (uint64_t *)(void *)((uint8_t *)header + header->set_offset);
  hash |= 1;
  for (size_t table = 0; table < SET_TABLES && has_table(channel, table, slots); slots += set_slots[table++])
    for (uint64_t i = 0; i < SET_PROBES; i++) {
      uint64_t *slot = &slots[(hash / 2 + i) & (set_slots[table] - 1)];
      uint64_t found = __atomic_load_n(slot, __ATOMIC_RELAXED);
      if (found == 0 && __atomic_compare_exchange_n(slot, &found, hash, false, __ATOMIC_ACQ_REL,
                                                    __ATOMIC_RELAXED))
        return true;
      if (found == hash) return false;
    }
  return true;
}

static uint16_t *epoch_of(const struct vt_channel *channel, uint64_t path_hash) {
  uint16_t *epochs = (uint16_t *)(void *)((uint8_t *)channel->header + channel->header->epochs_offset);
  return &epochs[path_hash % VT_EPOCHS];
}

uint64_t vt_channel_epoch(const struct vt_channel *channel, uint64_t path_hash) {
  uint64_t common = __atomic_load_n(&channel->header->epoch, __ATOMIC_RELAXED);
  return common << 16 | __atomic_load_n(epoch_of(channel, path_hash), __ATOMIC_RELAXED);
}

void vt_channel_end_epoch(struct vt_channel *channel, uint64_t path_hash) {
  uint16_t *epoch = epoch_of(channel, path_hash);
  if (__atomic_load_n(epoch, __ATOMIC_RELAXED) < VT_EPOCH_MAX)
    __atomic_fetch_add(epoch, 1, __ATOMIC_RELAXED);
}

void vt_channel_unsettle(struct vt_channel *channel) {
  __atomic_store_n(&channel->header->is_unsettled, 1, __ATOMIC_SEQ_CST);
}

bool vt_channel_is_unsettled(const struct vt_channel *channel) {
  return __atomic_load_n(&channel->header->is_unsettled, __ATOMIC_SEQ_CST) != 0;
}

void vt_channel_end_all_epochs(struct vt_channel *channel) {
  __atomic_fetch_add(&channel->header->epoch, 1, __ATOMIC_RELAXED);
}

void vt_channel_mark(struct vt_channel *channel, enum vt_incomplete reason) {
  __atomic_fetch_or(&channel->header->incomplete, 1U << reason, __ATOMIC_RELAXED);
}

void vt_sinks_mark(struct vt_sinks *sinks, enum vt_incomplete reason) {
  for (int i = 0; i < sinks->count; i++) vt_channel_mark(&sinks->channels[i], reason);
}

static void name_program(struct vt_sinks *sinks, enum vt_kind kind, uint32_t detail, const char *program) {
  struct vt_entry entry = {.kind = (uint8_t)kind,
                           .detail = detail,
                           .pid = (uint32_t)VT_SYS(__NR_getpid),
                           .path = program,
                           .path_bytes = vt_length(program)};
  uint64_t hash = vt_hash(program, entry.path_bytes, (uint64_t)kind << 8 | detail);
  for (int i = 0; i < sinks->count; i++)
    if (vt_channel_add(&sinks->channels[i], hash))
      (void)vt_channel_append(&sinks->channels[i], &entry);
}

void vt_sinks_mark_program(struct vt_sinks *sinks, enum vt_incomplete reason, const char *program) {
  vt_sinks_mark(sinks, reason);
  name_program(sinks, VT_INCOMPLETE, reason, program);
}

void vt_sinks_note_ring(struct vt_sinks *sinks, const char *program) {
  name_program(sinks, VT_RING, 0, program);
}

long vt_channel_create(const char *path, const char *roots, uint64_t capacity) {
  uint64_t set = sizeof(struct vt_header) + VT_EPOCHS * sizeof(uint16_t);
  uint64_t records = set;
  uint64_t first = set; /* What ends with the tables that get storage at once. */
  for (size_t i = 0; i < SET_TABLES; i++) records += set_slots[i] * sizeof(uint64_t);
  for (size_t i = 0; i < SET_TABLES_FIRST; i++) first += set_slots[i] * sizeof(uint64_t);
  uint64_t committed = (records + CHUNK) / CHUNK * CHUNK;
  if (capacity < committed) capacity = committed;
  long fd = VT_SYS(__NR_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (vt_failed(fd)) return fd;
  long error = VT_SYS(__NR_ftruncate, fd, capacity);
  if (error == 0) error = allocate((int)fd, 0, first);
  if (error == 0) error = allocate((int)fd, records, committed - records);
  long mapped = error;
  if (error == 0)
    mapped = VT_SYS(__NR_mmap, 0, sizeof(struct vt_header), VT_PROT_READ | VT_PROT_WRITE,
                    VT_MAP_SHARED, fd, 0);
  vt_close((int)fd);
  if (vt_failed(mapped)) return mapped;
  (void)VT_SYS(__NR_madvise, mapped, sizeof(struct vt_header), MADV_RANDOM);
  struct vt_header *header = (struct vt_header *)mapped;
  header->abi = VT_ABI;
  header->capacity = capacity;
  header->committed = committed;
  header->epochs_offset = sizeof(struct vt_header);
  header->set_offset = set;
  header->set_tables = SET_TABLES_FIRST;
  header->owner = (uint32_t)VT_SYS(__NR_geteuid);
  header->records_offset = records;
  header->tail = records;
  if (!write_roots(header, roots)) error = -VT_ENAMETOOLONG;
  __atomic_store_n(&header->magic, VT_MAGIC, __ATOMIC_RELEASE);
  vt_unmap(header, sizeof(struct vt_header));
  return error;
}

static bool write_roots(struct vt_header *header, const char *roots) {
  while (*roots != '\0') {
    size_t length = 0;
    while (roots[length] != '\n' && roots[length] != '\0') length++;
    if (header->root_count == VT_ROOTS_MAX || length > VT_ROOT_BYTES) return false;
    struct vt_root *root = &header->roots[header->root_count++];
    root->length = (uint16_t)length;
    memcpy(root->path, roots, length);
    roots += length + (roots[length] == '\n' ? 1 : 0);
  }
  return true;
}

uint64_t vt_channel_end(const struct vt_header *header) {
  uint64_t offset = header->records_offset;
  uint64_t committed = __atomic_load_n(&header->committed, __ATOMIC_ACQUIRE);
  while (offset + sizeof(struct vt_record) <= committed) {
    const uint32_t *head = (const uint32_t *)(const void *)((const uint8_t *)header + offset);
    uint32_t length = __atomic_load_n(head, __ATOMIC_ACQUIRE) >> 2;
    if (length < sizeof(struct vt_record) || length % 8 != 0) break;
    offset += length;
  }
  return offset;
}
