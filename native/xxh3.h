/* The hash by which contents of local files are compared. */
#ifndef VT_XXH3_H
#define VT_XXH3_H

#include "kernel.h"

VT_HIDDEN uint64_t vt_xxh3(const uint8_t *bytes, size_t count);

#endif
