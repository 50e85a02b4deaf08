#include "cwd.h"

#include "real.h"

enum state { UNKNOWN, BEING_WRITTEN, KNOWN };

static struct {
  uint32_t state; /* A process that is forked while it is written never knows it. */
  uint32_t has_left;
  uint64_t hash;
  uint64_t epochs;
  size_t length;
  char text[VT_PATH_MAX];
} known;

static long ask(char *out);
static bool may_remember(void);
static void remember(const char *text, size_t length);
static uint64_t epochs_of(uint64_t hash);

void vt_cwd_leave(void) { __atomic_store_n(&known.has_left, 1, __ATOMIC_SEQ_CST); }

static bool has_left(void) { return __atomic_load_n(&known.has_left, __ATOMIC_SEQ_CST) != 0; }

long vt_cwd(char *out) {
  if (!may_remember()) return ask(out);
  uint32_t state = __atomic_load_n(&known.state, __ATOMIC_ACQUIRE);
  /* Somebody may have moved or removed it. */
  if (state == KNOWN && known.epochs == epochs_of(known.hash)) {
    memcpy(out, known.text, known.length);
    out[known.length] = '\0';
    return (long)known.length;
  }
  long length = ask(out);
  if (length > 0 && state == UNKNOWN) remember(out, (size_t)length);
  return length;
}

static long ask(char *out) {
  long length = VT_SYS(__NR_getcwd, out, VT_PATH_MAX);
  if (length <= 0 || out[0] != '/') return length < 0 ? length : -VT_ENOENT;
  return length == 2 ? 0 : length - 1; /* With its NUL; "/" adds nothing. */
}

/* Only where our chdir stands in front of libc's. */
static bool may_remember(void) {
  return !has_left() && vt_process.sinks.count > 0 &&
         __atomic_load_n(&vt_process.subject.reach, __ATOMIC_RELAXED) != VT_BY_FILTER &&
         vt_real(VT_REAL_chdir) != 0;
}

/* Not if it was moved just now: the epochs would be those of its new name. */
static void remember(const char *text, size_t length) {
  uint32_t expected = UNKNOWN;
  if (!__atomic_compare_exchange_n(&known.state, &expected, BEING_WRITTEN, false, __ATOMIC_ACQ_REL,
                                   __ATOMIC_RELAXED))
    return;
  known.hash = vt_hash(text, length, 0);
  known.epochs = epochs_of(known.hash);
  bool is_same = ask(known.text) == (long)length && memcmp(known.text, text, length) == 0;
  known.length = length;
  __atomic_store_n(&known.state, is_same ? KNOWN : UNKNOWN, __ATOMIC_RELEASE);
}

static uint64_t epochs_of(uint64_t hash) {
  uint64_t epochs = 0; /* They only grow. */
  for (int i = 0; i < vt_process.sinks.count; i++)
    epochs += vt_channel_epoch(&vt_process.sinks.channels[i], hash);
  return epochs;
}
