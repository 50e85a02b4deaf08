/* The environment of a program that is about to be run: ours must be in it. */
#ifndef VT_ENVIRONMENT_H
#define VT_ENVIRONMENT_H

#include "process.h"

/*
 * Bytes that `vt_environment_fill` needs, 0 when nothing has to be changed. The caller takes them
 * from its stack: in a vfork child everything else would be the parent's. With `is_foreign` the
 * library is taken out instead, since the loader of another processor would complain about it.
 */
VT_HIDDEN size_t vt_environment_room(char *const *environment, bool is_foreign);
VT_HIDDEN char *const *vt_environment_fill(void *room, char *const *environment, bool is_foreign);

#endif
