/* What the preload library knows of the process it is in. */
#ifndef VT_PROCESS_H
#define VT_PROCESS_H

#include "record.h"

/* Variables that every traced process must have. */
enum vt_variable { VT_CHANNEL_LIST, VT_LIBRARY, VT_SOCKET, VT_VARIABLES };

struct vt_process {
  /* Copies: programs overwrite and clear their environment. "" when it was not given. */
  char variables[VT_VARIABLES][1024];
  struct vt_subject subject; /* For what is recorded. How far it reaches: vt_subject_now. */
  /* Calls are made through the gate page: libc's own would be reported a second time. */
  bool is_gated;
  struct vt_sinks sinks;
};

extern VT_HIDDEN struct vt_process vt_process;
extern VT_HIDDEN const char *const vt_variable_names[VT_VARIABLES];

/* Sets the process up at the first call, which may come from another library's constructor before
 * ours has run. False: nothing is to be recorded. */
VT_HIDDEN bool vt_is_traced(void);

/* This process as it stands now, which may be under the filter since the last call. */
VT_HIDDEN struct vt_subject vt_subject_now(void);

/* What follows may pass by the preload library, because of the program or library `code`. Puts this
 * process, with all its threads, under the filter if it is not yet; where that cannot be, says that
 * `code` went unseen. */
VT_HIDDEN void vt_expect_direct_calls(const char *code);

/* The same with the name of the program that this process runs. */
VT_HIDDEN void vt_expect_direct_calls_of_program(void);

/* Whether a library may enter the kernel by itself: it came neither with the system nor with vt. */
VT_HIDDEN bool vt_is_foreign_code(const char *path);

/* Records objects that the loader has mapped from inside the roots. */
VT_HIDDEN void vt_record_objects(void);

/* errno of the calling thread, by whichever libc is there. */
VT_HIDDEN int *vt_errno(void);

#endif
