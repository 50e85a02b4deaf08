#include "recent.h"

#include "process.h"

#define RECENT 1024U

static uint64_t recent[RECENT];

/* The epochs are those of the text; it is the path where that matters, see vt_recent_keep. One that
 * ends meanwhile ends the key as well: it never comes again. */
uint64_t vt_recent_key(const struct vt_subject *subject, const struct vt_call *call,
                       const struct vt_outcome *outcome) {
  bool is_settled = outcome->error == 0 || outcome->error == VT_ENOENT;
  if (!is_settled || subject->sinks != &vt_process.sinks || call->path == NULL || *call->path != '/')
    return 0;
  uint64_t path = vt_hash(call->path, vt_length(call->path), 0);
  uint64_t epochs = 0; /* They only grow. */
  for (int i = 0; i < subject->sinks->count; i++)
    epochs += vt_channel_epoch(&subject->sinks->channels[i], path);
  uint64_t rest = call->kind | (uint64_t)call->is_following << 8 | (uint64_t)(outcome->error == 0) << 9 |
                  (uint64_t)call->detail << 16;
  return vt_mix(vt_mix(path, rest), epochs) | 1;
}

bool vt_recent_has(uint64_t key) {
  return __atomic_load_n(&recent[key / 2 % RECENT], __ATOMIC_RELAXED) == key;
}

void vt_recent_keep(uint64_t key) {
  __atomic_store_n(&recent[key / 2 % RECENT], key, __ATOMIC_RELAXED);
}
