#include "process.h"

#include "gate.h"
#include "real.h"

struct vt_process vt_process;

const char *const vt_variable_names[VT_VARIABLES] = {VT_ENV_CHANNEL, VT_ENV_LIBRARY, VT_ENV_MODE,
                                                     VT_ENV_SOCKET};

extern char **environ __attribute__((weak));
extern int *__errno_location(void) __attribute__((weak));

enum state { UNKNOWN, STARTING, TRACED, UNTRACED };
static uint32_t state;
static char **first_environment; /* As handed to the constructor. */

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

/* Whether the kernel applies some filter to this process: ours, or one that an outer vt set up. */
static bool is_under_filter(void) { return VT_SYS(__NR_prctl, 21 /* PR_GET_SECCOMP */) == 2; }

static bool start(void) {
  char **environment = &environ != NULL && environ != NULL ? environ : first_environment;
  if (environment == NULL) return false; /* Too early: asked again at the next call. */
  uint32_t expected = UNKNOWN;
  if (!__atomic_compare_exchange_n(&state, &expected, STARTING, false, __ATOMIC_ACQ_REL,
                                   __ATOMIC_ACQUIRE))
    return expected == TRACED;
  copy_variables(environment);
  /* The gate first: what we do to the channel is not the program's doing. */
  bool is_traced = vt_process.variables[VT_CHANNEL_LIST][0] != '\0';
  bool has_gate = is_traced && is_under_filter() && vt_gate_open(vt_process.variables[VT_LIBRARY]);
  vt_sinks_open(&vt_process.sinks, vt_process.variables[VT_CHANNEL_LIST]);
  bool has_channel = vt_process.sinks.count > 0;
  bool is_full = vt_is_equal(vt_process.variables[VT_MODE], "full");
  vt_process.is_gated = has_channel && is_full && has_gate;
  vt_process.subject = (struct vt_subject){.sinks = &vt_process.sinks, .is_filtered = is_full};
  __atomic_store_n(&state, has_channel ? TRACED : UNTRACED, __ATOMIC_RELEASE);
  return has_channel;
}

static bool has_slash(const char *name) {
  while (*name != '\0' && *name != '/') name++;
  return *name == '/';
}

static int record_object(struct vt_object *object, size_t bytes, void *context) {
  (void)bytes;
  (void)context;
  if (object->name == NULL || !has_slash(object->name)) return 0; /* The program, and the vDSO. */
  struct vt_call call = {.kind = VT_READ, .is_following = true, .dirfd = AT_FDCWD,
                         .path = object->name};
  struct vt_outcome outcome = {.error = 0, .fd = -1};
  vt_look(&vt_process.subject, &call, &outcome);
  return 0;
}

void vt_record_objects(void) {
  if (vt_is_traced() && dl_iterate_phdr != NULL) (void)dl_iterate_phdr(record_object, NULL);
}

/* musl passes nothing, but has set `environ` by then. */
__attribute__((constructor)) static void load(int count, char **arguments, char **environment) {
  (void)count;
  (void)arguments;
  if (&environ == NULL || environ == NULL) first_environment = environment;
  vt_resolve_real();
  vt_record_objects();
}

/* What the program's own dlopen brought along. */
__attribute__((destructor)) static void unload(void) { vt_record_objects(); }
