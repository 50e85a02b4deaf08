/* One traced step, as vt sees it: its channels, and the listeners of its filtered processes. */
#ifndef VT_SUPERVISOR_H
#define VT_SUPERVISOR_H

#include "channel.h"
#include "guardian.h"

#define VT_WATCHED_MAX 4096

/* The first two that a supervisor watches; connections and listeners follow. */
enum { VT_WATCHED_WAKE, VT_WATCHED_DOOR, VT_WATCHED_FIRST };

struct vt_step {
  struct vt_sinks sinks;
  bool is_supervised;
  uint32_t has_ended; /* Nothing is recorded any more, but whoever is left still gets answers. */
  uint64_t notices; /* Calls that the kernel has reported. */
  uint64_t listeners; /* That were ever handed over. */
  uint32_t is_locked; /* Guards the list: only the thread changes it, others may look. */
  int watched_count;
  struct vt_poll watched[VT_WATCHED_MAX];
  bool is_listener[VT_WATCHED_MAX]; /* Else a launcher that has not sent its listener yet. */
  void *notice;
  bool is_notice_shared;
  char text[2][VT_PATH_MAX]; /* Of the call that is being looked at: its path, and its target or text. */
};

/* Opens the door for launchers and starts the thread: 0 or a negative errno. The thread ends, and
 * frees the step, once the step has ended and no process is left under any of its filters. */
VT_HIDDEN long vt_supervise(struct vt_step *step, const char *socket_name);
VT_HIDDEN void vt_supervisor_wake(struct vt_step *step);
/* How many listeners still have a process under their filter, or launchers are on the way. */
VT_HIDDEN uint32_t vt_supervisor_active(struct vt_step *step);
VT_HIDDEN void vt_step_free(struct vt_step *step);

#endif
