/*
 * Whoever is under a filter needs somebody to answer. The guardian is a process of its own that holds
 * a copy of every listener and says nothing while vt lives. When vt has ended, in whatever way, it
 * answers "go on" until the last filtered process is gone.
 */
#ifndef VT_GUARDIAN_H
#define VT_GUARDIAN_H

#include "kernel.h"

#define VT_GUARDIAN_NAME "vt-guardian"

/* What a supervisor receives goes into memory that the guardian can read: it has to answer for a
 * supervisor that was killed between being asked and answering. */
#define VT_NOTICE_BYTES 256U
#define VT_NOTICES 256

/* Starts the guardian of this process, once: 0 or a negative errno. Called by one thread. */
VT_HIDDEN long vt_guardian_start(const char *library);
/* Gives it a copy of a listener. */
VT_HIDDEN void vt_guardian_share(int listener);
/* Memory for one notice, VT_NOTICE_BYTES long; NULL when all are taken. */
VT_HIDDEN void *vt_guardian_claim_notice(void);
VT_HIDDEN void vt_guardian_release_notice(void *notice);

/* Answers `id` on a listener: the call goes on as if there were no filter. */
VT_HIDDEN void vt_answer_continue(int listener, uint64_t id);

/* The guardian's life. */
VT_HIDDEN int vt_guardian_main(void);

struct vt_poll {
  int fd;
  short events;
  short happened;
};
enum { VT_POLL_IN = 1, VT_POLL_ERROR = 8, VT_POLL_HANG_UP = 16, VT_POLL_INVALID = 32 };

#endif
