#include "supervisor.h"

#include "address.h"
#include "decode.h"
#include "inspect.h"
#include "memory.h"
#include "socket.h"
#include "thread.h"

#include <linux/openat2.h>
#include <asm/ioctl.h>
#include <linux/seccomp.h>

/* Of a listener, and newer than some kernel headers. */
#define VT_SET_FLAGS SECCOMP_IOW(4, uint64_t)
#define VT_TAKE_TURNS 1UL

static void *serve(void *argument);
static void watch(struct vt_step *step, int fd, short events);
static void adopt(struct vt_step *step, int index);
static void remove_ended(struct vt_step *step);
static void answer_next(struct vt_step *step, int listener);
static void observe(struct vt_step *step, const struct seccomp_notif *notice);

long vt_supervise(struct vt_step *step, const char *socket_name) {
  long wake = VT_SYS(__NR_eventfd2, 0, O_CLOEXEC | O_NONBLOCK);
  if (vt_failed(wake)) return wake;
  watch(step, (int)wake, VT_POLL_IN);
  long door = vt_socket_listen(socket_name);
  if (vt_failed(door)) return door;
  watch(step, (int)door, VT_POLL_IN);
  step->notice = vt_guardian_claim_notice();
  step->is_notice_shared = step->notice != NULL;
  if (step->notice == NULL) step->notice = vt_map_memory(VT_NOTICE_BYTES);
  if (step->notice == NULL) return -VT_ENOMEM;
  long error = vt_thread_start(serve, step);
  if (error != 0) return error;
  step->is_supervised = true;
  return 0;
}

static void *serve(void *argument) {
  struct vt_step *step = argument;
  (void)VT_SYS(__NR_prctl, 15 /* PR_SET_NAME */, "vt-supervisor");
  for (;;) {
    bool has_ended = __atomic_load_n(&step->has_ended, __ATOMIC_ACQUIRE) != 0;
    if (has_ended && step->watched_count == VT_WATCHED_FIRST) break;
    long ready = VT_SYS(__NR_ppoll, step->watched, step->watched_count, 0, 0, 8);
    if (ready < 0 && ready != -VT_EINTR) break;
    if (ready <= 0) continue;
    for (int i = VT_WATCHED_FIRST; i < step->watched_count; i++) {
      if ((step->watched[i].happened & VT_POLL_IN) == 0) continue;
      if (step->is_listener[i])
        answer_next(step, step->watched[i].fd);
      else
        adopt(step, i);
    }
    remove_ended(step);
    if ((step->watched[VT_WATCHED_DOOR].happened & VT_POLL_IN) != 0 &&
        step->watched_count < VT_WATCHED_MAX) {
      long connection = vt_socket_accept(step->watched[VT_WATCHED_DOOR].fd);
      if (!vt_failed(connection)) watch(step, (int)connection, VT_POLL_IN);
    }
    if ((step->watched[VT_WATCHED_WAKE].happened & VT_POLL_IN) != 0) {
      uint64_t count;
      (void)VT_SYS(__NR_read, step->watched[VT_WATCHED_WAKE].fd, &count, sizeof count);
    }
  }
  vt_step_free(step);
  return NULL;
}

void vt_supervisor_wake(struct vt_step *step) {
  const uint64_t one = 1;
  (void)VT_SYS(__NR_write, step->watched[VT_WATCHED_WAKE].fd, &one, sizeof one);
}

static void lock(struct vt_step *step) {
  while (__atomic_exchange_n(&step->is_locked, 1, __ATOMIC_ACQUIRE) != 0) (void)VT_SYS(__NR_sched_yield);
}

static void unlock(struct vt_step *step) { __atomic_store_n(&step->is_locked, 0, __ATOMIC_RELEASE); }

static void watch(struct vt_step *step, int fd, short events) {
  lock(step);
  step->is_listener[step->watched_count] = false;
  step->watched[step->watched_count++] = (struct vt_poll){.fd = fd, .events = events};
  unlock(step);
}

/* The caller waits for us, and we for the next caller: each is best woken on the processor of the other,
 * where nobody has to be roused from idling. Since Linux 6.6. */
static void take_turns(int listener) {
  (void)VT_SYS(__NR_ioctl, listener, VT_SET_FLAGS, VT_TAKE_TURNS);
}

/* The guardian gets its copy before anybody is answered. */
static void adopt(struct vt_step *step, int index) {
  int connection = step->watched[index].fd;
  long listener = vt_socket_receive(connection);
  bool has_listener = !vt_failed(listener);
  if (has_listener) {
    vt_guardian_share((int)listener);
    take_turns((int)listener);
  }
  lock(step);
  step->is_listener[index] = has_listener;
  step->watched[index] = (struct vt_poll){.fd = has_listener ? (int)listener : -1,
                                          .events = VT_POLL_IN,
                                          .happened = has_listener ? 0 : VT_POLL_INVALID};
  unlock(step);
  if (has_listener)
    __atomic_fetch_add(&step->listeners, 1, __ATOMIC_RELAXED);
  else if (listener != -VT_EPIPE) /* A launcher that was refused the filter just hangs up. */
    vt_sinks_mark(&step->sinks, VT_LISTENER_LOST);
  vt_close(connection);
}

static void remove_ended(struct vt_step *step) {
  lock(step);
  int kept = VT_WATCHED_FIRST;
  for (int i = VT_WATCHED_FIRST; i < step->watched_count; i++) {
    short happened = step->watched[i].happened;
    if ((happened & (VT_POLL_HANG_UP | VT_POLL_ERROR | VT_POLL_INVALID)) != 0 &&
        (happened & VT_POLL_IN) == 0) {
      if (step->watched[i].fd >= 0) vt_close(step->watched[i].fd);
      continue;
    }
    step->is_listener[kept] = step->is_listener[i];
    step->watched[kept++] = step->watched[i];
  }
  step->watched_count = kept;
  unlock(step);
}

uint32_t vt_supervisor_active(struct vt_step *step) {
  uint32_t active = 0;
  lock(step);
  for (int i = VT_WATCHED_FIRST; i < step->watched_count; i++) {
    struct vt_poll look = {.fd = step->watched[i].fd};
    const struct {
      int64_t seconds;
      int64_t nanoseconds;
    } at_once = {0, 0};
    if (look.fd >= 0 && VT_SYS(__NR_ppoll, &look, 1, &at_once, 0, 8) == 0) active++;
  }
  unlock(step);
  return active;
}

/* The notice lies in memory shared with the guardian while it is being dealt with. */
static void answer_next(struct vt_step *step, int listener) {
  memset(step->notice, 0, VT_NOTICE_BYTES);
  if (VT_SYS(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_RECV, step->notice) != 0) return;
  const struct seccomp_notif *notice = step->notice;
  bool is_observed = __atomic_load_n(&step->has_ended, __ATOMIC_ACQUIRE) == 0;
  if (is_observed) observe(step, notice);
  __atomic_fetch_add(&step->notices, 1, __ATOMIC_RELAXED);
  if (is_observed && notice->data.nr == __NR_io_uring_setup)
    vt_answer_error(listener, notice->id, VT_ENOSYS);
  else
    vt_answer_continue(listener, notice->id);
}

/* A bad address is the caller's own affair: the call will fail with EFAULT. And whoever was killed
 * while it waited for us never makes the call. */
static void note_unread(struct vt_step *step, long error) {
  if (error != -VT_EFAULT && error != -VT_ENAMETOOLONG && error != -VT_ESRCH)
    vt_sinks_mark(&step->sinks, VT_UNREADABLE_MEMORY);
}

/* The address becomes the text that stands there. */
static bool fetch(struct vt_step *step, int tid, const char **path, char *text) {
  if (*path == NULL) return true;
  long length = vt_read_text(tid, (uint64_t)(uintptr_t)*path, text, VT_PATH_MAX);
  if (length < 0) {
    note_unread(step, length);
    return false;
  }
  *path = text;
  return true;
}

/* What openat2 is to do lies in memory. */
static bool fetch_open(struct vt_step *step, int tid, const uint64_t arguments[6], struct vt_call *call) {
  struct open_how how;
  long error = vt_read_memory(tid, arguments[2], &how, sizeof how);
  if (error != 0) {
    note_unread(step, error);
    return false;
  }
  *call = vt_open_how_call((int)arguments[0], (const char *)(uintptr_t)arguments[1], &how);
  return true;
}

static void record(const struct vt_subject *subject, const struct vt_call *call) {
  struct vt_pending pending;
  if (call->kind == VT_EXECUTE)
    (void)vt_exec_begin(subject, call, &pending);
  else if (vt_is_write(call))
    vt_write_begin(subject, call, &pending);
  else
    vt_look(subject, call, &(struct vt_outcome){.error = VT_NOT_YET, .fd = -1});
}

static void observe_address(struct vt_step *step, const struct vt_subject *subject, long number,
                            const uint64_t arguments[6]) {
  struct vt_address address;
  long error = vt_address_read(subject->tid, number, arguments, &address);
  if (error != 0)
    note_unread(step, error);
  else if (address.call.kind != VT_NONE)
    record(subject, &address.call);
}

static void observe(struct vt_step *step, const struct seccomp_notif *notice) {
  uint64_t arguments[6];
  for (int i = 0; i < 6; i++) arguments[i] = notice->data.args[i];
  int tid = (int)notice->pid;
  struct vt_subject subject = {.sinks = &step->sinks, .tid = tid, .reach = VT_BY_FILTER};
  struct vt_call call = {.kind = VT_INCOMPLETE, .detail = VT_FOREIGN_ARCHITECTURE};
  bool is_foreign = notice->data.arch != VT_AUDIT_ARCH; /* Its numbers mean something else. */
  if (!is_foreign) vt_decode(notice->data.nr, arguments, &call);
  if (vt_note(&subject, &call)) return;
  if (vt_takes_address(notice->data.nr)) {
    observe_address(step, &subject, notice->data.nr, arguments);
    return;
  }
  if (notice->data.nr == VT_OPENAT2 && !fetch_open(step, tid, arguments, &call)) return;
  if (call.kind == VT_NONE || !fetch(step, tid, &call.path, step->text[0]) ||
      !fetch(step, tid, &call.target, step->text[1]) || !fetch(step, tid, &call.text, step->text[1]))
    return;
  record(&subject, &call);
}

void vt_step_free(struct vt_step *step) {
  for (int i = 0; i < step->watched_count; i++) vt_close(step->watched[i].fd);
  if (step->is_notice_shared)
    vt_guardian_release_notice(step->notice);
  else if (step->notice != NULL)
    vt_unmap(step->notice, VT_NOTICE_BYTES);
  vt_sinks_close(&step->sinks);
  vt_unmap(step, sizeof *step);
}
