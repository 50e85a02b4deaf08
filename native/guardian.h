/*
 * When vt is killed, somebody has to clear up. The guardian is a process of its own that vt tells what
 * it has begun and what it has ended. Once vt is gone, in whatever way, it kills the steps that were
 * still running and removes the directories that were still there. It also holds a copy of every
 * listener: whoever is under a filter needs an answer to each call, so it answers "go on" until the last
 * filtered process is gone.
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
/* Puts a step in its charge, by the first process of it, until it is told that the step has ended. `out`
 * and `err`: where vt reads what the step prints, or -1. The guardian keeps them open: a process that
 * finds nobody at the other end dies at once, and what it has started is not found any more. */
VT_HIDDEN void vt_guardian_tree(int pid, int out, int err);
VT_HIDDEN void vt_guardian_forget_tree(int pid);
/* The same for a directory that holds nothing but files of ours. */
VT_HIDDEN void vt_guardian_directory(const char *path, bool has_ended);
/* Gives it a copy of a listener. */
VT_HIDDEN void vt_guardian_share(int listener);
/* Memory for one notice, VT_NOTICE_BYTES long; NULL when all are taken. */
VT_HIDDEN void *vt_guardian_claim_notice(void);
VT_HIDDEN void vt_guardian_release_notice(void *notice);

/* Answers `id` on a listener: the call goes on as if there were no filter. */
VT_HIDDEN void vt_answer_continue(int listener, uint64_t id);

/* The call fails, without having been made. */
VT_HIDDEN void vt_answer_error(int listener, uint64_t id, int error);

/* The guardian's life. */
VT_HIDDEN int vt_guardian_main(void);

struct vt_poll {
  int fd;
  short events;
  short happened;
};
enum { VT_POLL_IN = 1, VT_POLL_ERROR = 8, VT_POLL_HANG_UP = 16, VT_POLL_INVALID = 32 };

#endif
