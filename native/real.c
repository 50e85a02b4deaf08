#include "real.h"

#include <elf.h>

#define NAME_BYTES 40 /* Of the longest, with its NUL; no pointers, which the loader would have to put right. */

static const char names[VT_REAL_COUNT][NAME_BYTES] = {
#define VT_CALL(type, name, parameters, arguments, ...) #name,
#define VT_LIBRARY VT_CALL
#define VT_POINTER VT_CALL
#define VT_OTHER(name) #name,
#include "interceptions.def"
#undef VT_CALL
#undef VT_LIBRARY
#undef VT_POINTER
#undef VT_OTHER
};

#define OBJECTS_MAX 96
#define LIBCS_MAX 8
#define ABSENT UINTPTR_MAX

extern const Elf64_Ehdr __ehdr_start VT_HIDDEN;

struct symbols {
  const Elf64_Sym *table;
  const char *strings;
  const uint32_t *gnu_hash;
  const uint32_t *sysv_hash;
  const uint16_t *versions;
  uintptr_t base;
  bool is_libc;
};

static struct {
  uintptr_t found[VT_REAL_COUNT]; /* Looked up when first asked for: most programs call few of them. */
  bool is_chained[VT_REAL_COUNT];
  uint32_t object_count;
  /* Objects behind ours in the order of the loader. Somebody who stands in front of libc is not that far
   * behind; libc always has a place. */
  struct symbols objects[OBJECTS_MAX + LIBCS_MAX];
} known VT_EARLY;

static int visit(struct vt_object *object, size_t bytes, void *context);
static bool read_symbols(const struct vt_object *object, struct symbols *symbols);
static uintptr_t find(const struct symbols *symbols, const char *name);
static uintptr_t look_up(enum vt_real name);

uintptr_t vt_real(enum vt_real name) {
  uintptr_t address = __atomic_load_n(&known.found[name], __ATOMIC_ACQUIRE);
  if (address == 0) address = look_up(name);
  return address == ABSENT ? 0 : address;
}

static uintptr_t look_up(enum vt_real name) {
  uint32_t count = __atomic_load_n(&known.object_count, __ATOMIC_ACQUIRE);
  if (count == 0) {
    vt_resolve_real();
    count = known.object_count;
  }
  uintptr_t address = ABSENT;
  for (uint32_t i = 0; i < count && address == ABSENT; i++) {
    uintptr_t here = find(&known.objects[i], names[name]);
    if (here == 0) continue;
    address = here;
    known.is_chained[name] = !known.objects[i].is_libc;
  }
  __atomic_store_n(&known.found[name], address, __ATOMIC_RELEASE);
  return address;
}

bool vt_is_direct(enum vt_real name) {
  uintptr_t real = vt_real(name);
  return real == 0 || (vt_process.is_gated && !known.is_chained[name]);
}

long vt_answer(long result) {
  if (!vt_failed(result)) return result;
  *vt_errno() = (int)-result;
  return -1;
}

struct search {
  uint32_t count;
  bool is_after_ours;
};

void vt_resolve_real(void) {
  struct search search = {.is_after_ours = false};
  if (dl_iterate_phdr != NULL) (void)dl_iterate_phdr(visit, &search);
  __atomic_store_n(&known.object_count, search.count, __ATOMIC_RELEASE);
}

static bool is_libc(const char *path) {
  const char *name = path;
  for (const char *at = path; *at != '\0'; at++)
    if (*at == '/') name = at + 1;
  return vt_starts_with(name, "libc.") || vt_starts_with(name, "ld-") ||
         vt_starts_with(name, "libpthread") || vt_starts_with(name, "libdl.") ||
         vt_starts_with(name, "libc-");
}

static int visit(struct vt_object *object, size_t bytes, void *context) {
  (void)bytes;
  struct search *search = context;
  if (object->base == (uintptr_t)&__ehdr_start) {
    search->is_after_ours = true;
    return 0;
  }
  bool is_last = search->is_after_ours && is_libc(object->name);
  uint32_t room = is_last ? OBJECTS_MAX + LIBCS_MAX : OBJECTS_MAX;
  if (!search->is_after_ours || search->count >= room) return 0;
  struct symbols *symbols = &known.objects[search->count];
  if (!read_symbols(object, symbols)) return 0;
  symbols->is_libc = is_last;
  search->count++;
  return 0;
}

/* glibc has made the addresses in the dynamic section absolute, musl has left them relative. */
static const void *address_in(uintptr_t base, uint64_t value) {
  return (const void *)(value < base ? base + value : value);
}

static bool read_symbols(const struct vt_object *object, struct symbols *symbols) {
  *symbols = (struct symbols){.base = object->base};
  const Elf64_Phdr *segments = object->segments;
  const Elf64_Dyn *dynamic = NULL;
  for (uint16_t i = 0; i < object->segment_count; i++)
    if (segments[i].p_type == PT_DYNAMIC)
      dynamic = (const Elf64_Dyn *)(object->base + segments[i].p_vaddr);
  for (; dynamic != NULL && dynamic->d_tag != DT_NULL; dynamic++) {
    const void *address = address_in(object->base, dynamic->d_un.d_ptr);
    switch (dynamic->d_tag) {
      case DT_SYMTAB: symbols->table = address; break;
      case DT_STRTAB: symbols->strings = address; break;
      case DT_GNU_HASH: symbols->gnu_hash = address; break;
      case DT_HASH: symbols->sysv_hash = address; break;
      case DT_VERSYM: symbols->versions = address; break;
      default: break;
    }
  }
  return symbols->table != NULL && symbols->strings != NULL &&
         (symbols->gnu_hash != NULL || symbols->sysv_hash != NULL);
}

static bool is_match(const struct symbols *symbols, uint32_t index, const char *name) {
  const Elf64_Sym *symbol = &symbols->table[index];
  if (symbol->st_shndx == SHN_UNDEF || ELF64_ST_TYPE(symbol->st_info) != STT_FUNC) return false;
  /* A hidden version is kept for programs linked long ago and is not the one to call. */
  if (symbols->versions != NULL && (symbols->versions[index] & 0x8000U) != 0) return false;
  return vt_is_equal(symbols->strings + symbol->st_name, name);
}

static uint32_t find_gnu(const struct symbols *symbols, const char *name) {
  uint32_t hash = 5381;
  for (const char *at = name; *at != '\0'; at++) hash = hash * 33 + (uint8_t)*at;
  const uint32_t *header = symbols->gnu_hash;
  uint32_t bucket_count = header[0];
  uint32_t first = header[1];
  const uint32_t *buckets = header + 4 + 2 * (size_t)header[2];
  const uint32_t *chain = buckets + bucket_count;
  uint32_t index = bucket_count == 0 ? 0 : buckets[hash % bucket_count];
  if (index < first) return 0;
  for (;; index++) {
    uint32_t entry = chain[index - first];
    if ((entry | 1) == (hash | 1) && is_match(symbols, index, name)) return index;
    if ((entry & 1) != 0) return 0;
  }
}

static uint32_t find_sysv(const struct symbols *symbols, const char *name) {
  uint32_t hash = 0;
  for (const char *at = name; *at != '\0'; at++) {
    hash = (hash << 4) + (uint8_t)*at;
    hash = (hash ^ (hash >> 24 & 0xf0U)) & 0x0fffffffU;
  }
  const uint32_t *header = symbols->sysv_hash;
  const uint32_t *buckets = header + 2;
  const uint32_t *chain = buckets + header[0];
  for (uint32_t index = buckets[hash % header[0]]; index != 0; index = chain[index])
    if (is_match(symbols, index, name)) return index;
  return 0;
}

static uintptr_t find(const struct symbols *symbols, const char *name) {
  uint32_t index =
      symbols->gnu_hash != NULL ? find_gnu(symbols, name) : find_sysv(symbols, name);
  return index == 0 ? 0 : symbols->base + symbols->table[index].st_value;
}
