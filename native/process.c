#include "process.h"

#include "filter.h"
#include "gate.h"
#include "inspect.h"
#include "real.h"

#include <linux/time_types.h>

#define AT_EXECFN 31 /* The path that this program was started by. */
#define JOIN_WAIT_MS 1000 /* Far more than it takes; when it is over, the trace is incomplete. */

VT_EARLY struct vt_process vt_process;

const char *const vt_variable_names[VT_VARIABLES] = {VT_ENV_CHANNEL, VT_ENV_LIBRARY,
                                                     VT_ENV_SOCKET};

extern char **environ __attribute__((weak));
extern int *__errno_location(void) __attribute__((weak));
extern unsigned long getauxval(unsigned long type) __attribute__((weak));

enum state { UNKNOWN, STARTING, TRACED, UNTRACED };
VT_EARLY static uint32_t state;
VT_EARLY static char **first_environment; /* As handed to the constructor. */
VT_EARLY static int joiner; /* The process that puts itself under the filter, or has. */
VT_EARLY static int filtered; /* The process that is known to be under it. */

static bool start(void);

int *vt_errno(void) {
  static int nowhere;
  return __errno_location == NULL ? &nowhere : __errno_location();
}

bool vt_is_traced(void) {
  uint32_t now = __atomic_load_n(&state, __ATOMIC_ACQUIRE);
  return now == TRACED || (now == UNKNOWN && start());
}

static void copy_variables(char *const *environment) {
  for (int i = 0; i < VT_VARIABLES; i++) {
    const char *value = vt_variable(environment, vt_variable_names[i]);
    char *copy = vt_process.variables[i];
    copy[0] = '\0';
    if (value != NULL) (void)vt_append(copy, sizeof vt_process.variables[i], value);
  }
}

static enum vt_reach reach_of(enum vt_filtered known, const char *step) {
  if (known == VT_FILTERED) return VT_BY_FILTER;
  return *step == '\0' ? VT_BY_PRELOAD : VT_ON_DEMAND;
}

static bool start(void) {
  char **environment = &environ != NULL && environ != NULL ? environ : first_environment;
  if (environment == NULL) return false; /* Too early: asked again at the next call. */
  uint32_t expected = UNKNOWN;
  if (!__atomic_compare_exchange_n(&state, &expected, STARTING, false, __ATOMIC_ACQ_REL,
                                   __ATOMIC_ACQUIRE))
    return expected == TRACED;
  copy_variables(environment);
  /* The gate first: what we do to the channel is not the program's doing. */
  const char *step = vt_process.variables[VT_SOCKET];
  bool is_traced = vt_process.variables[VT_CHANNEL_LIST][0] != '\0';
  enum vt_filtered known = is_traced ? vt_filter_ask(step) : VT_UNFILTERED;
  bool has_gate = known != VT_UNFILTERED && vt_gate_open(vt_process.variables[VT_LIBRARY]);
  vt_sinks_open(&vt_process.sinks, vt_process.variables[VT_CHANNEL_LIST]);
  bool has_channel = vt_process.sinks.count > 0;
  vt_process.is_gated = has_channel && has_gate;
  vt_process.subject =
      (struct vt_subject){.sinks = &vt_process.sinks, .reach = reach_of(known, step)};
  __atomic_store_n(&state, has_channel ? TRACED : UNTRACED, __ATOMIC_RELEASE);
  return has_channel;
}

/* After vfork two processes share what is noted here, and only the one may be under the filter. */
static enum vt_reach reach_now(void) {
  enum vt_reach noted = __atomic_load_n(&vt_process.subject.reach, __ATOMIC_ACQUIRE);
  const int self = (int)VT_SYS(__NR_getpid);
  if (noted != VT_BY_FILTER || __atomic_load_n(&filtered, __ATOMIC_RELAXED) == self) return noted;
  if (vt_filter_ask(vt_process.variables[VT_SOCKET]) != VT_FILTERED) return VT_ON_DEMAND;
  __atomic_store_n(&filtered, self, __ATOMIC_RELAXED);
  return VT_BY_FILTER;
}

struct vt_subject vt_subject_now(void) {
  return (struct vt_subject){.sinks = &vt_process.sinks, .reach = reach_now()};
}

/* What a thread does while another puts all of them under the filter would be seen by nobody. */
static void await_filter(void) {
  const struct __kernel_timespec pause = {.tv_nsec = 1000000};
  for (int i = 0; i < JOIN_WAIT_MS && reach_now() == VT_ON_DEMAND; i++)
    (void)VT_SYS(__NR_nanosleep, &pause, NULL);
}

/* The gate first again. A process that is forked meanwhile is without the thread that does this, and
 * begins anew. */
static void join_filter(void) {
  const int self = (int)VT_SYS(__NR_getpid);
  int before = __atomic_load_n(&joiner, __ATOMIC_ACQUIRE);
  if (before == self || !__atomic_compare_exchange_n(&joiner, &before, self, false, __ATOMIC_ACQ_REL,
                                                     __ATOMIC_ACQUIRE)) {
    await_filter();
    return;
  }
  bool has_gate = vt_gate_open(vt_process.variables[VT_LIBRARY]);
  bool is_under = vt_filter_enter(&vt_process.sinks, vt_process.variables[VT_SOCKET], VT_ALL_THREADS) ==
                  VT_ENTERED;
  if (is_under) vt_process.is_gated = has_gate;
  __atomic_store_n(&vt_process.subject.reach, is_under ? VT_BY_FILTER : VT_BY_PRELOAD, __ATOMIC_RELEASE);
}

void vt_expect_direct_calls(const char *code) {
  if (!vt_is_traced()) return;
  if (reach_now() == VT_ON_DEMAND) join_filter();
  if (reach_now() != VT_BY_FILTER)
    vt_sinks_mark_program(&vt_process.sinks, VT_UNTRACED_PROGRAM, code);
}

static long read_program(char out[VT_PATH_MAX]) {
  long length = VT_SYS(__NR_readlinkat, AT_FDCWD, "/proc/self/exe", out, VT_PATH_MAX - 1);
  out[length < 0 ? 0 : length] = '\0';
  return length;
}

void vt_expect_direct_calls_of_program(void) {
  if (!vt_is_traced() || reach_now() == VT_BY_FILTER) return;
  struct vt_scratch *scratch = vt_scratch_claim();
  if (scratch == NULL) return;
  (void)read_program(scratch->path);
  vt_expect_direct_calls(scratch->path);
  vt_scratch_release(scratch);
}

/* Our own files, the library and what tools load to talk to vt, lie in one directory. */
static bool is_ours(const char *path) {
  const char *library = vt_process.variables[VT_LIBRARY];
  size_t directory = 0;
  for (size_t i = 0; library[i] != '\0'; i++)
    if (library[i] == '/') directory = i + 1;
  return directory > 0 && vt_length(path) > directory && memcmp(path, library, directory) == 0;
}

bool vt_is_foreign_code(const char *path) { return !vt_is_of_system(path) && !is_ours(path); }

static bool has_slash(const char *name) {
  while (*name != '\0' && *name != '/') name++;
  return *name == '/';
}

static int record_object(struct vt_object *object, size_t bytes, void *context) {
  (void)bytes;
  if (object->name == NULL || !has_slash(object->name)) return 0; /* The program, and the vDSO. */
  if (vt_is_foreign_code(object->name)) *(const char **)context = object->name;
  /* Most are of the system; no more pages for them. */
  if (vt_is_of_system(object->name) && vt_is_plainly_outside(&vt_process.sinks, object->name)) return 0;
  struct vt_call call = {.kind = VT_READ, .is_following = true, .dirfd = AT_FDCWD,
                         .path = object->name};
  struct vt_outcome outcome = {.error = 0, .fd = -1};
  vt_look(&vt_process.subject, &call, &outcome);
  return 0;
}

/* Gives the name of one that may enter the kernel by itself, or NULL. */
static const char *record_objects(void) {
  const char *foreign = NULL;
  if (vt_is_traced() && dl_iterate_phdr != NULL) (void)dl_iterate_phdr(record_object, &foreign);
  return foreign;
}

/* By now a library that was not expected may have done anything. */
void vt_record_objects(void) {
  const char *foreign = record_objects();
  if (foreign != NULL && reach_now() != VT_BY_FILTER)
    vt_sinks_mark_program(&vt_process.sinks, VT_UNTRACED_PROGRAM, foreign);
}

/* Whoever ran this program has seen to it, unless that passed by the preload library too. */
static void check_program(void) {
  if (!vt_is_traced() || reach_now() != VT_ON_DEMAND) return;
  const char *started_as = getauxval == NULL ? NULL : (const char *)getauxval(AT_EXECFN);
  if (started_as != NULL && vt_is_known_program(&vt_process.sinks, started_as)) return;
  struct vt_scratch *scratch = vt_scratch_claim();
  if (scratch == NULL) return;
  if (read_program(scratch->path) > 0 && vt_may_call_directly(scratch->path))
    vt_expect_direct_calls(scratch->path);
  vt_scratch_release(scratch);
}

/* musl passes nothing, but has set `environ` by then. */
__attribute__((constructor)) static void load(int count, char **arguments, char **environment) {
  (void)count;
  (void)arguments;
  if (&environ == NULL || environ == NULL) first_environment = environment;
  vt_resolve_real();
  check_program();
  const char *foreign = record_objects();
  if (foreign != NULL) vt_expect_direct_calls(foreign);
}

/* What the program's own dlopen brought along. */
__attribute__((destructor)) static void unload(void) { vt_record_objects(); }
