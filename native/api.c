/* What src/native/library.ts calls. Every function answers with a count, or a negative errno. */
#include "api.h"
#include "filter.h"
#include "inspect.h"
#include "process.h"
#include "supervisor.h"

struct vt_counters {
  uint64_t notices; /* Calls that the kernel has reported. */
  uint64_t listeners; /* That launchers have handed over. */
  uint64_t active; /* Of these, how many still have a process under their filter. */
};

VT_API(uint32_t, vt_abi, (void)) { return VT_ABI; }

/* All of a file into `bytes`; how many it has, or a negative errno: -VT_ENOMEM when they do not fit. */
static int64_t read_file(const char *path, uint8_t *bytes, uint64_t capacity) {
  long fd = VT_SYS(__NR_openat, AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (vt_failed(fd)) return fd;
  uint64_t length = 0;
  long count = 0;
  do {
    if (count > 0) length += (uint64_t)count;
    count = length == capacity ? -VT_ENOMEM : VT_SYS(__NR_read, fd, bytes + length, capacity - length);
  } while (count > 0 || count == -VT_EINTR);
  vt_close((int)fd);
  return count < 0 ? count : (int64_t)length;
}

/* Reads `count` files, named by NUL-ended paths that follow one another, into `bytes`, one after
 * another, as far as they fit. `lengths`: how many bytes each has, or a negative errno. */
VT_API(void, vt_read_batch,
       (const char *paths, uint32_t count, int64_t *lengths, uint8_t *bytes, uint64_t capacity)) {
  for (uint32_t i = 0; i < count; i++) {
    lengths[i] = read_file(paths, bytes, capacity);
    if (lengths[i] > 0) {
      bytes += lengths[i];
      capacity -= (uint64_t)lengths[i];
    }
    paths += vt_length(paths) + 1;
  }
}

/* How many of the bytes could be written. */
VT_API(uint64_t, vt_write, (int32_t fd, const uint8_t *bytes, uint64_t length)) {
  return vt_write_all(fd, bytes, length);
}

/* Puts a whole file at `path`, written aside first. 0 or a negative errno; then nothing is left aside. */
VT_API(int32_t, vt_replace_file,
       (const char *path, const char *aside, const uint8_t *bytes, uint64_t length)) {
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  long fd = VT_SYS(__NR_openat, AT_FDCWD, aside, flags, 0666);
  if (vt_failed(fd)) return (int32_t)fd;
  long error = vt_write_all((int)fd, bytes, length) == length ? 0 : -VT_ENOSPC;
  vt_close((int)fd);
  if (error == 0) error = VT_SYS(__NR_renameat2, AT_FDCWD, aside, AT_FDCWD, path, 0);
  if (error != 0) VT_SYS(__NR_unlinkat, AT_FDCWD, aside, 0);
  return (int32_t)error;
}

/* 1 when this vt is itself being traced, as a part of another one's step; else 0. */
VT_API(int32_t, vt_traced, (void)) { return vt_is_traced() ? 1 : 0; }

/* A pipe whose ends no child inherits by accident. */
VT_API(int32_t, vt_pipe, (int32_t ends[2])) {
  return (int32_t)VT_SYS(__NR_pipe2, ends, O_CLOEXEC);
}

/* 1 when something can be read, or accepted, at once; else 0. */
VT_API(int32_t, vt_is_readable, (int32_t fd)) {
  struct vt_poll look = {.fd = fd, .events = VT_POLL_IN};
  const int64_t at_once[2] = {0, 0}; /* struct timespec */
  return VT_SYS(__NR_ppoll, &look, 1, at_once, 0, 8) == 1 ? 1 : 0;
}

/* 1 or 0. */
VT_API(int32_t, vt_is_terminal, (int32_t fd)) {
  uint8_t settings[64]; /* struct termios, whatever its size here. */
  return VT_SYS(__NR_ioctl, fd, 0x5401 /* TCGETS */, settings) == 0 ? 1 : 0;
}

/* Rows and columns of a terminal. */
VT_API(int32_t, vt_terminal_size, (int32_t fd, uint16_t size[4])) {
  return (int32_t)VT_SYS(__NR_ioctl, fd, 0x5413 /* TIOCGWINSZ */, size);
}

/* How a terminal treats keys and text, as `struct termios` of the kernel, which is shorter. */
VT_API(int32_t, vt_terminal_read, (int32_t fd, uint8_t settings[64])) {
  return (int32_t)VT_SYS(__NR_ioctl, fd, 0x5401 /* TCGETS */, settings);
}

/* Puts back what vt_terminal_read gave, unless another group of processes has the terminal by now:
 * then it is theirs to set. */
VT_API(int32_t, vt_terminal_write, (int32_t fd, const uint8_t settings[64])) {
  int32_t group = 0;
  long error = VT_SYS(__NR_ioctl, fd, 0x540F /* TIOCGPGRP */, &group);
  if (error != 0) return (int32_t)error;
  bool is_ours = group == VT_SYS(__NR_getpgid, 0);
  bool is_gone = VT_SYS(__NR_kill, -group, 0) == -VT_ESRCH;
  if (!is_ours && !is_gone) return -VT_EPERM;
  uint64_t blocked = 1UL << (22 - 1); /* SIGTTOU, which would stop us behind a group that is gone. */
  uint64_t before = 0;
  VT_SYS(__NR_rt_sigprocmask, 0 /* SIG_BLOCK */, &blocked, &before, sizeof before);
  error = VT_SYS(__NR_ioctl, fd, 0x5402 /* TCSETS */, settings);
  VT_SYS(__NR_rt_sigprocmask, 2 /* SIG_SETMASK */, &before, NULL, sizeof before);
  return (int32_t)error;
}

/* 0 when the kernel lets processes be put under the filter, else the errno. */
VT_API(int32_t, vt_filter_check, (void)) { return vt_filter_probe(); }

/* The channels of the outer steps when this vt is itself being traced, else "". */
VT_API(const char *, vt_outer_channels, (void)) {
  return vt_is_traced() ? vt_process.variables[VT_CHANNEL_LIST] : "";
}

VT_API(int32_t, vt_channel_make, (const char *path, const char *roots, uint64_t capacity)) {
  return (int32_t)vt_channel_create(path, roots, capacity);
}

/* `channels`: the step's own, and those of the outer steps. Without a socket name nothing is
 * supervised. */
VT_API(int32_t, vt_step_open,
       (const char *channels, const char *socket_name, const char *library, struct vt_step **out)) {
  struct vt_step *step = vt_map_memory(sizeof *step);
  if (step == NULL) return -VT_ENOMEM;
  vt_sinks_open(&step->sinks, channels);
  long error = step->sinks.count == 0 ? -VT_ENOENT : 0;
  if (error == 0 && *socket_name != '\0') {
    error = vt_guardian_start(library);
    if (error == 0) error = vt_supervise(step, socket_name);
  }
  if (error == 0)
    *out = step;
  else
    vt_step_free(step);
  return (int32_t)error;
}

/* Puts the step that `pid` is the first process of in the guardian's charge: when vt is killed, it ends
 * the step. `out` and `err`: the reading ends of its pipes, or -1. */
VT_API(int32_t, vt_guard_tree, (const char *library, int32_t pid, int32_t out, int32_t err)) {
  long error = vt_guardian_start(library);
  if (error == 0) vt_guardian_tree(pid, out, err);
  return (int32_t)error;
}

/* From now on what loses its parent becomes a child of vt, if it descends from it, so that it can be found. */
VT_API(int32_t, vt_adopt_orphans, (void)) {
  return (int32_t)VT_SYS(__NR_prctl, 36 /* PR_SET_CHILD_SUBREAPER */, 1);
}

VT_API(void, vt_forget_tree, (int32_t pid)) { vt_guardian_forget_tree(pid); }

/* The same for a directory with nothing but vt's own files in it: it is removed then. */
VT_API(int32_t, vt_guard_directory, (const char *library, const char *path)) {
  long error = vt_guardian_start(library);
  if (error == 0) vt_guardian_directory(path, false);
  return (int32_t)error;
}

VT_API(void, vt_forget_directory, (const char *path)) { vt_guardian_directory(path, true); }

/* Addresses of the step's own channel, of its first record, and of the end of its records. */
VT_API(void, vt_step_extent, (const struct vt_step *step, uint64_t out[3])) {
  const struct vt_header *header = step->sinks.channels[0].header;
  out[0] = (uint64_t)(uintptr_t)header;
  out[1] = out[0] + header->records_offset;
  out[2] = out[0] + vt_channel_end(header);
}

VT_API(void, vt_step_counters, (struct vt_step *step, struct vt_counters *out)) {
  out->notices = __atomic_load_n(&step->notices, __ATOMIC_RELAXED);
  out->listeners = __atomic_load_n(&step->listeners, __ATOMIC_RELAXED);
  out->active = step->is_supervised ? vt_supervisor_active(step) : 0;
}

/* Records the program that vt itself is about to run, where no filter reports it. 1 when it should be
 * put under the filter and that can be done, else 0. `libraries`: its LD_LIBRARY_PATH. */
VT_API(int32_t, vt_step_execute, (struct vt_step *step, const char *program, const char *libraries)) {
  enum vt_reach reach = step->is_supervised ? VT_ON_DEMAND : VT_BY_PRELOAD;
  struct vt_subject subject = {.sinks = &step->sinks, .reach = reach};
  struct vt_call call = {.kind = VT_EXECUTE, .is_following = true, .dirfd = AT_FDCWD, .path = program};
  struct vt_pending pending;
  bool needs_filter = vt_exec_begin(&subject, &call, &pending).needs_filter;
  return needs_filter || vt_loads_from_roots(&subject, libraries) ? 1 : 0;
}

/* The step and what was got from it must not be used any more. */
VT_API(void, vt_step_close, (struct vt_step *step)) {
  if (!step->is_supervised) {
    vt_step_free(step);
    return;
  }
  __atomic_store_n(&step->has_ended, 1, __ATOMIC_RELEASE);
  vt_supervisor_wake(step);
}
