/*
 * Paths of directories, remembered by what the directory is: a program that walks a tree by descriptors would
 * have to ask the kernel for a path at each step, which takes longer than the step.
 *
 * Descriptors come to mean something else unseen, so the directory is asked who it is each time: by its
 * mount, its inode, and when that was made, since inodes are used again. No two have all of these in common, and a
 * directory has one path until somebody moves it.
 */
#ifndef VT_KNOWN_H
#define VT_KNOWN_H

#include "kernel.h"

struct vt_directory {
  uint64_t identity; /* 0: it is no directory, or its file system does not tell enough. */
  uint64_t moves; /* How often the step had moved directories before it was asked. */
};

/* `fd`: a descriptor, or AT_FDCWD. */
VT_HIDDEN struct vt_directory vt_directory_of(int fd);

/* Writes its path to `out`: the length, 0 for the root; negative when it is not known. */
VT_HIDDEN long vt_known_path(const struct vt_directory *directory, char *out);

/* To be called when its path was found out. */
VT_HIDDEN void vt_know_path(const struct vt_directory *directory, const char *path, size_t length);

#endif
