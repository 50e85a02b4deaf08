/* System calls by number: what they do to which path. */
#ifndef VT_DECODE_H
#define VT_DECODE_H

#include "record.h"

/* Fills `call`; its paths are addresses in the memory of whoever makes the call. Kind VT_NONE when
 * the call names no path. */
VT_HIDDEN void vt_decode(long number, const uint64_t arguments[6], struct vt_call *call);

/* The numbers that the filter reports, ended by -1. Those that come often come first. */
extern VT_HIDDEN const int vt_path_calls[];

#endif
