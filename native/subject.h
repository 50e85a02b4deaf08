/* What looks and writes have in common: the paths that a call names, who wants them, their record. */
#ifndef VT_SUBJECT_H
#define VT_SUBJECT_H

#include "record.h"

/* The paths of one call, in memory that has to be given back. */
struct vt_paths {
  struct vt_path path;
  struct vt_path target;
  struct vt_scratch *scratch;
};

/* False: there is no memory, which the channels have been told. A path that is not to be had is empty. */
VT_HIDDEN bool vt_paths_claim(const struct vt_subject *subject, const struct vt_call *call,
                              struct vt_paths *paths);

/* Looks count inside the roots, and where a link leads there from outside; programs and changes everywhere. */
VT_HIDDEN bool vt_is_wanted(struct vt_channel *channel, const struct vt_call *call,
                            struct vt_paths *paths);

/* What stands at the path: for our own process exactly where the call would look for it. */
VT_HIDDEN struct vt_stamp vt_stamp_of_call(const struct vt_subject *subject, const struct vt_call *call,
                                           const struct vt_path *path);

VT_HIDDEN uint64_t vt_path_hash(const struct vt_path *path);
/* By what the same call in the same `state` is known in the channel's set, as long as the epoch lasts. */
VT_HIDDEN uint64_t vt_call_hash(const struct vt_channel *channel, const struct vt_call *call,
                                const struct vt_paths *paths, uint64_t state);

/* What is to be recorded of a call. */
struct vt_finding {
  const struct vt_call *call;
  const struct vt_paths *paths;
  uint8_t result;
  const struct vt_stamp *stamp; /* May be NULL. */
};
/* NULL when there was no room. */
VT_HIDDEN struct vt_record *vt_record_call(const struct vt_subject *subject, struct vt_channel *channel,
                                           const struct vt_finding *finding);
/* The same for a directory that was listed, with the names in it. */
VT_HIDDEN void vt_record_listing(const struct vt_subject *subject, struct vt_channel *channel,
                                 const struct vt_finding *finding);

#endif
