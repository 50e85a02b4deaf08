/*
 * Looks that have been recorded already, so that a program that looks at the same paths again and again
 * is held up for little more than reading their text. The set in the channel knows them too, but by their
 * path, which has to be worked out first.
 */
#ifndef VT_RECENT_H
#define VT_RECENT_H

#include "record.h"

/* What a look of this process is known by, or 0 where more than its text is needed to tell what it is. */
VT_HIDDEN uint64_t vt_recent_key(const struct vt_subject *subject, const struct vt_call *call,
                                 const struct vt_outcome *outcome);
VT_HIDDEN bool vt_recent_has(uint64_t key);
/* To be called once it is recorded, and only if its text is its path: absolute, and nothing to be left
 * out of it. */
VT_HIDDEN void vt_recent_keep(uint64_t key);

#endif
