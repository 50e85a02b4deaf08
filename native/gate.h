/* The gate page: arch.h says what it is. */
#ifndef VT_GATE_H
#define VT_GATE_H

#include "kernel.h"

/* Maps the page from `library`, this very file, at its address. Sets vt_gate when that worked. */
VT_HIDDEN bool vt_gate_open(const char *library);

#endif
