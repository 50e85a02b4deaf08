#include "gate.h"

#include <elf.h>


__asm__(".pushsection .vtgate, \"ax\", %progbits\n .hidden vt_gate_page\n .globl vt_gate_page\n" VT_GATE_CODE
        ".popsection");

extern const uint8_t vt_gate_page[] VT_HIDDEN;
extern const Elf64_Ehdr __ehdr_start VT_HIDDEN;

static uint64_t file_offset(void) {
  const uint8_t *base = (const uint8_t *)&__ehdr_start;
  uint64_t address = (uint64_t)(vt_gate_page - base);
  const Elf64_Phdr *segment = (const Elf64_Phdr *)(const void *)(base + __ehdr_start.e_phoff);
  for (uint16_t i = 0; i < __ehdr_start.e_phnum; i++, segment++)
    if (segment->p_type == PT_LOAD && address >= segment->p_vaddr &&
        address < segment->p_vaddr + segment->p_filesz)
      return address - segment->p_vaddr + segment->p_offset;
  return 0;
}

/* Another copy of this library may have mapped the page before us. */
static bool is_gate(long address) {
  uint8_t bytes[8] = {0};
  struct {
    void *base;
    size_t length;
  } local = {bytes, sizeof bytes}, remote = {(void *)address, sizeof bytes};
  long count = VT_SYS(__NR_process_vm_readv, VT_SYS(__NR_getpid), &local, 1, &remote, 1, 0);
  return count == (long)sizeof bytes && memcmp(bytes, vt_gate_page, sizeof bytes) == 0;
}

bool vt_gate_open(const char *library) {
  const long wanted = (long)VT_GATE_ADDRESS;
  long fd = vt_open_file(library, O_RDONLY);
  if (vt_failed(fd)) return false;
  long address = VT_SYS(__NR_mmap, wanted, VT_GATE_BYTES, VT_PROT_READ | VT_PROT_EXEC,
                        VT_MAP_PRIVATE | VT_MAP_FIXED_NOREPLACE, fd, file_offset());
  vt_close((int)fd);
  if (address == -VT_EEXIST) address = wanted;
  if (address == wanted && is_gate(address))
    vt_gate = VT_GATE_ADDRESS;
  else if (!vt_failed(address) && address != wanted)
    vt_unmap((void *)address, VT_GATE_BYTES); /* A kernel that takes the address as a wish. */
  return vt_gate != 0;
}
