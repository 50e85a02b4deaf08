/* Appending to a channel. Safe in signal handlers, after fork, and in a vfork child. */
#ifndef VT_CHANNEL_H
#define VT_CHANNEL_H

#include "kernel.h"
#include "vt.h"

#define VT_CHANNEL_PATH 512

struct vt_channel {
  struct vt_header *header;
  char path[VT_CHANNEL_PATH]; /* To give the file more storage; no descriptor is kept open. */
};

/* Where a process reports to: its step, and the outer steps when vt runs inside vt. */
struct vt_sinks {
  int count;
  struct vt_channel channels[VT_CHANNELS_MAX];
};

/* What one record says. */
struct vt_entry {
  uint8_t kind;
  uint8_t result;
  uint8_t flags;
  uint32_t pid;
  uint32_t detail;
  const struct vt_stamp *stamp; /* May be NULL. */
  const char *path;
  size_t path_bytes;
  const char *target;
  size_t target_bytes;
  const void *listing;
  size_t listing_bytes;
};

/* Maps every channel of a colon-separated list. One that cannot be mapped, or is one too many, is
 * told that something went unseen. */
VT_HIDDEN void vt_sinks_open(struct vt_sinks *sinks, const char *list);
VT_HIDDEN void vt_sinks_close(struct vt_sinks *sinks);

/* Whether this process runs as the user whose channels they are. */
VT_HIDDEN bool vt_sinks_are_own(const struct vt_sinks *sinks);

/* From then on nothing may be remembered of where directories are. */
VT_HIDDEN void vt_channel_unsettle(struct vt_channel *channel);
VT_HIDDEN bool vt_channel_is_unsettled(const struct vt_channel *channel);

/* The new record, or NULL when there is no room: then the channel is marked as full. */
VT_HIDDEN struct vt_record *vt_channel_append(struct vt_channel *channel, const struct vt_entry *entry);
/* Fills in how a recorded call ended. */
VT_HIDDEN void vt_channel_settle(struct vt_record *record, uint8_t result);
/* Whether the set has the hash. */
VT_HIDDEN bool vt_channel_has(const struct vt_channel *channel, uint64_t hash);
/* Adds it. False when the hash was there already. With no room left every hash counts as new. */
VT_HIDDEN bool vt_channel_add(struct vt_channel *channel, uint64_t hash);
/* Which epoch the path with this hash is in; it never goes back. Paths may share one: then more is
 * recorded than need be. */
VT_HIDDEN uint64_t vt_channel_epoch(const struct vt_channel *channel, uint64_t path_hash);
/* Ends that of one path, or of all. */
VT_HIDDEN void vt_channel_end_epoch(struct vt_channel *channel, uint64_t path_hash);
VT_HIDDEN void vt_channel_end_all_epochs(struct vt_channel *channel);
VT_HIDDEN void vt_channel_mark(struct vt_channel *channel, enum vt_incomplete reason);
VT_HIDDEN void vt_sinks_mark(struct vt_sinks *sinks, enum vt_incomplete reason);
/* The same, with the name of the program that went unseen. */
VT_HIDDEN void vt_sinks_mark_program(struct vt_sinks *sinks, enum vt_incomplete reason,
                                     const char *program);
/* Makes the file of a new channel: 0 or a negative errno. `roots` is a list ended by newlines. */
VT_HIDDEN long vt_channel_create(const char *path, const char *roots, uint64_t capacity);
/* Notes that the program asked for io_uring, which it did not get. */
VT_HIDDEN void vt_sinks_note_ring(struct vt_sinks *sinks, const char *program);
/* The channel's offset where records end. Exact once nobody writes any more. */
VT_HIDDEN uint64_t vt_channel_end(const struct vt_header *header);

#endif
