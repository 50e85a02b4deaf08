/* From a call that names paths to records: what is recorded, when, and what with. */
#ifndef VT_RECORD_H
#define VT_RECORD_H

#include "channel.h"
#include "path.h"
#include "stamp.h"

/* What can be known of calls that pass by the preload library. */
enum vt_reach {
  VT_BY_PRELOAD, /* Nothing. */
  VT_ON_DEMAND, /* Nothing, until the process puts itself under the filter, which it should then do. */
  VT_BY_FILTER, /* They are reported to the supervisor. */
};

/* Who does it, and who is told. */
struct vt_subject {
  struct vt_sinks *sinks;
  int tid; /* 0: this process. Else a thread whose memory was read by the supervisor. */
  enum vt_reach reach;
};

/* One call on one path, or on two. */
struct vt_call {
  uint8_t kind; /* enum vt_kind; VT_NONE: nothing of interest. */
  bool is_following;
  uint32_t detail; /* enum vt_open, or the flags of a rename or of a removal. */
  int dirfd;
  const char *path; /* NULL: what the descriptor itself refers to. */
  int target_dirfd; /* Of a rename or hard link. */
  const char *target;
  const char *text; /* What a link that is made says. */
};

/* How a look ended, and where its stamp comes from. */
struct vt_outcome {
  int error; /* 0, an errno, or VT_NOT_YET: the call is still to come. */
  int fd; /* What an open returned, else -1. */
  const struct vt_stamp *stamp; /* What a stat answered, else NULL. */
};
#define VT_NOT_YET (-1)

/* Between the two halves of a write. */
struct vt_pending {
  struct vt_record *records[VT_CHANNELS_MAX];
  uint64_t hashes[VT_CHANNELS_MAX]; /* 0: this channel does not want it. */
  uint64_t path_hash;
  bool was_there;
  bool moves_others; /* Paths below will lead elsewhere. */
};

/* A look, after the call; with VT_NOT_YET before it. */
VT_HIDDEN void vt_look(const struct vt_subject *subject, const struct vt_call *call,
                       const struct vt_outcome *outcome);

/*
 * A write or an exec. The first half comes before the call, so that its record precedes those of
 * anybody who sees the effect; the second half says how it ended. When only the first half can be
 * had, the result stays what the earlier state allows to tell, else unknown.
 */
VT_HIDDEN void vt_write_begin(const struct vt_subject *subject, const struct vt_call *call,
                              struct vt_pending *pending);
VT_HIDDEN void vt_write_end(const struct vt_subject *subject, const struct vt_call *call,
                            const struct vt_pending *pending, int error);

/* A write that has succeeded at a path where nothing was, and whose name is known only now. */
VT_HIDDEN void vt_write_made(const struct vt_subject *subject, const struct vt_call *call);

/* For what is no look and no change but must be told of: notes it, with the name of the program, and
 * returns true. */
VT_HIDDEN bool vt_note(const struct vt_subject *subject, const struct vt_call *call);

static inline bool vt_is_write(const struct vt_call *call) {
  return call->kind >= VT_WRITE || call->kind == VT_EXECUTE;
}

#endif
