/*
 * The library as a program. The kernel starts it without a loader, so it has to relocate itself; then
 * it is the launcher, which puts itself under the filter and becomes the program it was asked for, or
 * the guardian.
 */
#include "filter.h"
#include "guardian.h"

#include <elf.h>

__asm__(".pushsection .text\n .globl vt_entry\n .hidden vt_entry\n .type vt_entry, %function\n"
        "vt_entry:\n" VT_ENTRY_CODE ".popsection");

VT_HIDDEN _Noreturn void vt_main(long *stack);

extern const Elf64_Dyn _DYNAMIC[] VT_HIDDEN;
extern const Elf64_Ehdr __ehdr_start VT_HIDDEN;

static void relocate(void) {
  uint8_t *base = (uint8_t *)(uintptr_t)&__ehdr_start;
  const Elf64_Rela *entry = NULL;
  uint64_t bytes = 0;
  for (const Elf64_Dyn *item = _DYNAMIC; item->d_tag != DT_NULL; item++) {
    if (item->d_tag == DT_RELA) entry = (const Elf64_Rela *)(const void *)(base + item->d_un.d_ptr);
    if (item->d_tag == DT_RELASZ) bytes = item->d_un.d_val;
  }
  for (; entry != NULL && bytes > 0; entry++, bytes -= sizeof *entry)
    if (ELF64_R_TYPE(entry->r_info) == VT_RELATIVE)
      *(uint64_t *)(void *)(base + entry->r_offset) = (uint64_t)(uintptr_t)base + (uint64_t)entry->r_addend;
}

static _Noreturn void leave(int code) {
  for (;;) (void)VT_SYS(__NR_exit_group, code);
}

static void say(const char *text) { (void)VT_SYS(__NR_write, 2, text, vt_length(text)); }

static char **find_variable(char **environment, const char *name) {
  size_t length = vt_length(name);
  while (*environment != NULL && !(vt_starts_with(*environment, name) && (*environment)[length] == '='))
    environment++;
  return *environment == NULL ? NULL : environment;
}

/* Where it is refused, the program runs all the same, with the preload library only. */
static void enter_filter(char **environment) {
  static struct vt_sinks sinks;
  static char no_socket[] = VT_ENV_SOCKET "=";
  char **entry = find_variable(environment, VT_ENV_SOCKET);
  const char *list = vt_variable(environment, VT_ENV_CHANNEL);
  vt_sinks_open(&sinks, list == NULL ? "" : list);
  const char *step = entry == NULL ? "" : *entry + sizeof VT_ENV_SOCKET;
  switch (vt_filter_enter(&sinks, step, VT_THIS_THREAD)) {
    case VT_ENTERED: break;
    case VT_STAYED_OUT:
      if (entry != NULL) *entry = no_socket;
      break;
    case VT_STRANDED:
      say("vt: the tracer has gone away\n");
      leave(126);
  }
  vt_sinks_close(&sinks);
}

/* `entry`: where the environment names the program. */
static _Noreturn void launch(char **arguments, char **environment, char **entry) {
  const char *program = *entry + sizeof VT_ENV_EXEC;
  for (; *entry != NULL; entry++) entry[0] = entry[1];
  enter_filter(environment);
  long error = VT_SYS(__NR_execve, program, arguments, environment);
  char text[128] = "vt: cannot run the program: error ";
  vt_append_number(text, sizeof text, (uint64_t)-error);
  (void)vt_append(text, sizeof text, "\n");
  say(text);
  leave(error == -VT_ENOENT ? 127 : 126);
}

void vt_main(long *stack) {
  relocate();
  long count = stack[0];
  char **arguments = (char **)(stack + 1);
  char **environment = arguments + count + 1;
  if (count > 0 && vt_is_equal(arguments[0], VT_GUARDIAN_NAME)) leave(vt_guardian_main());
  char **program = find_variable(environment, VT_ENV_EXEC);
  if (program != NULL) launch(arguments, environment, program);
  say("vt: this is the tracing library of vt, not a program\n");
  leave(2);
}
