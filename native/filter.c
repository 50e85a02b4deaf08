#include "filter.h"

#include "apart.h"
#include "decode.h"
#include "socket.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#define INSTRUCTIONS_MAX 120
#define PR_SET_NO_NEW_PRIVS 38

struct program {
  unsigned short count;
  struct sock_filter code[INSTRUCTIONS_MAX];
};

#define DATA(field) ((uint32_t)offsetof(struct seccomp_data, field))
#define LOW_WORD(index) (DATA(args) + (uint32_t)(index) * 8U)

/* A question to the filter: faccessat(step, "", VT_QUESTION), which the kernel takes for nonsense. */
#define VT_QUESTION 0x76743f00
enum { VT_ANSWER_OURS = 4001, VT_ANSWER_ANOTHER = 4002 };

static void build(struct program *program, uint32_t key);
static long install(const struct program *program, unsigned long flags);

static uint32_t key_of(const char *step) { return (uint32_t)vt_hash(step, vt_length(step), 0); }

long vt_filter_install(const char *step, enum vt_threads threads) {
  struct program program = {0};
  build(&program, key_of(step));
  unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
  if (threads == VT_ALL_THREADS)
    flags |= SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
  long fd = install(&program, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
  return fd == -VT_EINVAL ? install(&program, flags) : fd; /* Since Linux 5.19. */
}

/* Without CAP_SYS_ADMIN the kernel wants a promise that set-uid programs gain nothing. */
static long install(const struct program *program, unsigned long flags) {
  struct {
    unsigned short count;
    const struct sock_filter *code;
  } argument = {program->count, program->code};
  long fd = VT_SYS(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &argument);
  if (fd != -VT_EACCES) return fd;
  (void)VT_SYS(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return VT_SYS(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &argument);
}

enum vt_filtered vt_filter_ask(const char *step) {
  long answer = VT_SYS(__NR_faccessat, (int)key_of(step), "", VT_QUESTION);
  if (answer == -VT_ANSWER_OURS) return VT_FILTERED;
  return answer == -VT_ANSWER_ANOTHER ? VT_FILTERED_FOR_ANOTHER : VT_UNFILTERED;
}

static enum vt_entering refuse(struct vt_sinks *sinks, enum vt_incomplete reason, long error) {
  for (int i = 0; i < sinks->count; i++) sinks->channels[i].header->filter_error = (int32_t)-error;
  vt_sinks_mark(sinks, reason);
  return VT_STAYED_OUT;
}

/* Connects first: a process under a filter that nobody listens to could not even end in good order. */
enum vt_entering vt_filter_enter(struct vt_sinks *sinks, const char *step, enum vt_threads threads) {
  if (vt_filter_ask(step) == VT_FILTERED) return VT_ENTERED;
  if (!vt_sinks_are_own(sinks)) return refuse(sinks, VT_FILTER_REFUSED, -VT_EACCES);
  long connection = vt_socket_connect(step);
  if (vt_failed(connection)) return refuse(sinks, VT_LISTENER_LOST, connection);
  long listener = vt_filter_install(step, threads);
  enum vt_entering result = VT_STRANDED;
  if (vt_failed(listener)) {
    result = refuse(sinks, VT_FILTER_REFUSED, listener);
  } else {
    if (vt_socket_send((int)connection, (int)listener)) result = VT_ENTERED;
    vt_close((int)listener);
  }
  vt_close((int)connection);
  return result;
}

static void emit(struct program *program, uint16_t code, uint32_t value) {
  program->code[program->count++] = (struct sock_filter){code, 0, 0, value};
}

static void load(struct program *program, uint32_t offset) {
  emit(program, BPF_LD | BPF_W | BPF_ABS, offset);
}

/* Jumps over `yes` or `no` instructions. */
static void branch(struct program *program, uint16_t test, uint32_t value, const uint8_t over[2]) {
  program->code[program->count++] =
      (struct sock_filter){(uint16_t)(BPF_JMP | BPF_K | test), over[0], over[1], value};
}

#define BRANCH(program, test, value, yes, no) branch(program, test, value, (const uint8_t[2]){yes, no})

static void give(struct program *program, uint32_t action) { emit(program, BPF_RET | BPF_K, action); }

/* fstat by another name: nothing is looked up. */
static void allow_empty_path(struct program *program, uint32_t number, uint32_t flags_offset) {
  BRANCH(program, BPF_JEQ, number, 0, 4);
  load(program, flags_offset);
  BRANCH(program, BPF_JSET, AT_EMPTY_PATH, 0, 1);
  give(program, SECCOMP_RET_ALLOW);
  load(program, DATA(nr));
}

static void answer_question(struct program *program, uint32_t key) {
  BRANCH(program, BPF_JEQ, __NR_faccessat, 0, 7);
  load(program, LOW_WORD(2));
  BRANCH(program, BPF_JEQ, VT_QUESTION, 0, 4);
  load(program, LOW_WORD(0));
  BRANCH(program, BPF_JEQ, key, 0, 1);
  give(program, SECCOMP_RET_ERRNO | VT_ANSWER_OURS);
  give(program, SECCOMP_RET_ERRNO | VT_ANSWER_ANOTHER);
  load(program, DATA(nr));
}

/*
 * Calls as another processor makes them, as `int 0x80` does on x86-64. Which path they name, nobody here can
 * tell: one is enough for the trace to be incomplete. What comes often and names none is not reported. i386
 * and 32-bit ARM have these numbers in common.
 */
static const uint8_t pathless[] = {
    3 /* read */,      4 /* write */,    6 /* close */,         45 /* brk */,
    91 /* munmap */,   125 /* mprotect */, 140 /* _llseek */,   146 /* writev */,
    175 /* sigprocmask */, 192 /* mmap2 */, 197 /* fstat64 */,  240 /* futex */,
};
#define FOREIGN_INSTRUCTIONS (sizeof pathless + 3)

static void report_foreign(struct program *program) {
  load(program, DATA(nr));
  for (uint8_t i = 0; i < sizeof pathless; i++)
    BRANCH(program, BPF_JEQ, pathless[i], (uint8_t)(sizeof pathless - i), 0);
  give(program, SECCOMP_RET_USER_NOTIF);
  give(program, SECCOMP_RET_ALLOW);
}

/* Low numbers and high ones are tested apart: as the filter is entered, the kernel tries it with each number. */
#define HIGH 256

static uint8_t count_calls(bool is_high) {
  uint8_t count = 0;
  for (const int *call = vt_path_calls; *call >= 0; call++)
    if ((*call >= HIGH) == is_high) count++;
  return count;
}

/* Allows every other call. `after`: how many instructions lie between these and what becomes of the rest. */
static void choose(struct program *program, bool is_high, uint8_t after) {
  uint8_t left = count_calls(is_high);
  for (const int *call = vt_path_calls; *call >= 0; call++)
    if ((*call >= HIGH) == is_high) BRANCH(program, BPF_JEQ, (uint32_t)*call, (uint8_t)(left-- + after), 0);
  give(program, SECCOMP_RET_ALLOW);
}

/* Numbers are tested first: the kernel then remembers which of them are always allowed, and those
 * cost nothing. */
static void build(struct program *program, uint32_t key) {
  load(program, DATA(arch));
  BRANCH(program, BPF_JEQ, VT_AUDIT_ARCH, FOREIGN_INSTRUCTIONS, 0);
  report_foreign(program);
  load(program, DATA(nr));
  BRANCH(program, BPF_JEQ, __NR_io_uring_setup, 0, 1);
  give(program, SECCOMP_RET_USER_NOTIF); /* The supervisor refuses it. */
  BRANCH(program, BPF_JGE, 0x40000000U /* The x32 variant of the calls. */, 0, 1);
  give(program, SECCOMP_RET_ERRNO | VT_ENOSYS);
  const uint8_t low = (uint8_t)(count_calls(false) + 1);
  const uint8_t high = (uint8_t)(count_calls(true) + 1);
  BRANCH(program, BPF_JGE, HIGH, low, 0);
  choose(program, false, high);
  choose(program, true, 0);
  answer_question(program, key);
  allow_empty_path(program, __NR_newfstatat, LOW_WORD(3));
  allow_empty_path(program, __NR_statx, LOW_WORD(2));
  load(program, DATA(instruction_pointer) + 4);
  BRANCH(program, BPF_JEQ, (uint32_t)(VT_GATE_ADDRESS >> 32), 0, 4);
  load(program, DATA(instruction_pointer));
  BRANCH(program, BPF_JGE, (uint32_t)VT_GATE_ADDRESS, 0, 2);
  BRANCH(program, BPF_JGT, (uint32_t)(VT_GATE_ADDRESS + VT_GATE_BYTES), 1, 0);
  give(program, SECCOMP_RET_ALLOW);
  give(program, SECCOMP_RET_USER_NOTIF);
}

static int probe(void *unused) {
  (void)unused;
  long fd = vt_filter_install("", VT_ALL_THREADS);
  return vt_failed(fd) ? (int)-fd : 0;
}

int vt_filter_probe(void) { return vt_wait_apart(vt_run_apart(probe, NULL)); }
