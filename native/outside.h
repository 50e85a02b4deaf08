/* Paths outside the roots that lead into one all the same, by a link that stands outside. */
#ifndef VT_OUTSIDE_H
#define VT_OUTSIDE_H

#include "path.h"

/*
 * Whether what a path outside the roots names, or where it would be if it is missing, may lie in one of
 * the channel's roots. Each directory is asked once for a step. True in doubt: whoever reads the record
 * resolves the path again. Where the system and the kernel keep what is theirs nobody looks.
 */
VT_HIDDEN bool vt_leads_inside(struct vt_channel *channel, const struct vt_path *path, bool is_following);

#endif
