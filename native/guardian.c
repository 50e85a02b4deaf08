#include "guardian.h"

#include "apart.h"
#include "family.h"
#include "socket.h"
#include "stamp.h"

#include <asm/ioctl.h>
#include <linux/seccomp.h>

#define CONTROL_FD 3
#define NOTICES_FD 4
#define LISTENERS_MAX 8192
#define TREES_MAX 4096 /* Steps that run at once. */
#define DIRECTORIES_MAX 8
#define DIRECTORY_BYTES 512

/* What vt tells its guardian. */
enum word { LISTENER, TREE, TREE_ENDED, DIRECTORY, DIRECTORY_ENDED };
struct charge {
  uint32_t word; /* enum word; with LISTENER comes a descriptor, with TREE its pipes. */
  struct vt_ancestor root;
  char directory[DIRECTORY_BYTES];
};

struct guardian {
  int control; /* Our end of its socket, -1 before it is started. */
  uint8_t *notices;
  uint8_t is_taken[VT_NOTICES];
};
static struct guardian guardian = {.control = -1};

struct start {
  const char *library;
  int control;
  int notices;
  uint64_t owner;
};

static int start_orphan(void *start);
static int become_guardian(void *start);

long vt_guardian_start(const char *library) {
  if (guardian.control >= 0) return 0;
  int pair[2];
  long error = vt_socket_pair(pair);
  if (error != 0) return error;
  const uint64_t bytes = (uint64_t)VT_NOTICES * VT_NOTICE_BYTES;
  long notices = VT_SYS(__NR_memfd_create, "vt-notices", 1 /* MFD_CLOEXEC */);
  if (!vt_failed(notices)) error = VT_SYS(__NR_ftruncate, notices, bytes);
  long mapped = VT_SYS(__NR_mmap, 0, bytes, VT_PROT_READ | VT_PROT_WRITE, VT_MAP_SHARED, notices, 0);
  if (error == 0 && !vt_failed(mapped)) {
    struct start start = {library, pair[1], (int)notices, (uint64_t)VT_SYS(__NR_getpid)};
    error = -vt_wait_apart(vt_run_apart(start_orphan, &start));
    guardian.notices = (uint8_t *)mapped;
  } else if (error == 0) {
    error = mapped;
  }
  vt_close(pair[1]);
  vt_close((int)notices);
  if (error == 0)
    guardian.control = pair[0];
  else
    vt_close(pair[0]);
  return error;
}

/* Whoever ends all children of vt must not end the guardian with them. */
static int start_orphan(void *start) {
  long pid = vt_run_apart(become_guardian, start);
  return vt_failed(pid) ? (int)-pid : 0;
}

/* Its own session, so that Ctrl-C does not reach it; no descriptor of vt's but the two, or a pipe that
 * vt writes to would stay open; no directory kept busy. */
static int become_guardian(void *argument) {
  const struct start *start = argument;
  (void)VT_SYS(__NR_setsid);
  (void)VT_SYS(__NR_chdir, "/");
  long control = VT_SYS(__NR_fcntl, start->control, 0 /* F_DUPFD */, 10);
  long notices = VT_SYS(__NR_fcntl, start->notices, 0, 10);
  (void)VT_SYS(__NR_dup3, control, CONTROL_FD, 0);
  (void)VT_SYS(__NR_dup3, notices, NOTICES_FD, 0);
  for (int fd = 0; fd < 1024; fd++)
    if (fd != CONTROL_FD && fd != NOTICES_FD) vt_close(fd);
  (void)VT_SYS(__NR_close_range, 1024, ~0U, 0);
  char owner[24] = ""; /* For people who look at a list of processes. */
  vt_append_number(owner, sizeof owner, start->owner);
  const char *const arguments[] = {VT_GUARDIAN_NAME, owner, NULL};
  const char *const environment[] = {NULL};
  (void)VT_SYS(__NR_execve, start->library, arguments, environment);
  return 1;
}

static void tell(const struct charge *charge, struct vt_carried carried) {
  if (guardian.control < 0) return;
  size_t bytes = offsetof(struct charge, directory) + vt_length(charge->directory) + 1;
  (void)vt_socket_tell(guardian.control, charge, bytes, carried);
}

void vt_guardian_share(int listener) {
  tell(&(struct charge){.word = LISTENER}, VT_CARRY(listener, -1));
}

void vt_guardian_tree(int pid, int out, int err) {
  tell(&(struct charge){.word = TREE, .root = vt_ancestor_of(pid)}, VT_CARRY(out, err));
}

void vt_guardian_forget_tree(int pid) {
  tell(&(struct charge){.word = TREE_ENDED, .root = {.pid = pid}}, VT_CARRY(-1, -1));
}

void vt_guardian_directory(const char *path, bool has_ended) {
  struct charge charge = {.word = has_ended ? DIRECTORY_ENDED : DIRECTORY};
  if (vt_append(charge.directory, sizeof charge.directory, path)) tell(&charge, VT_CARRY(-1, -1));
}

void *vt_guardian_claim_notice(void) {
  for (int i = 0; guardian.notices != NULL && i < VT_NOTICES; i++)
    if (__atomic_exchange_n(&guardian.is_taken[i], 1, __ATOMIC_ACQUIRE) == 0)
      return guardian.notices + (size_t)i * VT_NOTICE_BYTES;
  return NULL;
}

void vt_guardian_release_notice(void *notice) {
  size_t index = (size_t)((uint8_t *)notice - guardian.notices) / VT_NOTICE_BYTES;
  __atomic_store_n(&guardian.is_taken[index], 0, __ATOMIC_RELEASE);
}

static void send_answer(int listener, struct seccomp_notif_resp answer) {
  long result;
  do {
    result = VT_SYS(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
  } while (result == -VT_EINTR);
}

void vt_answer_continue(int listener, uint64_t id) {
  send_answer(listener, (struct seccomp_notif_resp){.id = id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE});
}

void vt_answer_error(int listener, uint64_t id, int error) {
  send_answer(listener, (struct seccomp_notif_resp){.id = id, .error = -error});
}

/* ---- in the guardian itself ---- */

static struct vt_poll polled[LISTENERS_MAX + 1];
static int polled_count;
static bool is_orphan;
static struct vt_ancestor trees[TREES_MAX];
static struct vt_carried pipes[TREES_MAX]; /* Of each tree. */
static int tree_count;
static char directories[DIRECTORIES_MAX][DIRECTORY_BYTES];

static void take(const struct charge *charge, struct vt_carried carried);
static void close_carried(struct vt_carried carried);
static void remove_directory(const char *path);
static void settle_notices(void);
static void answer_next(int listener);

/* While vt lives only the end of a listener is of interest; asked for nothing else, the kernel does
 * not even wake us. */
static void add_listener(int fd) {
  if (polled_count > LISTENERS_MAX) return;
  polled[polled_count++] = (struct vt_poll){.fd = fd, .events = is_orphan ? VT_POLL_IN : 0};
}

static void orphan(void) {
  is_orphan = true;
  polled[0].fd = -1;
  for (int i = 1; i < polled_count; i++) polled[i].events = VT_POLL_IN;
  if (tree_count > 0) vt_family_kill(trees, tree_count);
  for (int i = 0; i < tree_count; i++) close_carried(pipes[i]);
  for (int i = 0; i < DIRECTORIES_MAX; i++)
    if (directories[i][0] != '\0') remove_directory(directories[i]);
  settle_notices();
}

static void remove_ended(void) {
  int kept = 1;
  for (int i = 1; i < polled_count; i++) {
    bool has_ended = (polled[i].happened & (VT_POLL_HANG_UP | VT_POLL_ERROR | VT_POLL_INVALID)) != 0;
    if (has_ended && (polled[i].happened & VT_POLL_IN) == 0)
      vt_close(polled[i].fd);
    else
      polled[kept++] = polled[i];
  }
  polled_count = kept;
}

int vt_guardian_main(void) {
  (void)VT_SYS(__NR_prctl, 15 /* PR_SET_NAME */, VT_GUARDIAN_NAME);
  polled[0] = (struct vt_poll){.fd = CONTROL_FD, .events = VT_POLL_IN};
  polled_count = 1;
  while (!is_orphan || polled_count > 1) {
    long ready = VT_SYS(__NR_ppoll, polled, polled_count, 0, 0, 8);
    if (ready == -VT_EINTR) continue;
    if (ready < 0) return 1;
    for (int i = 1; i < polled_count; i++)
      if ((polled[i].happened & VT_POLL_IN) != 0) answer_next(polled[i].fd);
    remove_ended();
    if (polled[0].fd >= 0 && polled[0].happened != 0) {
      static struct charge charge;
      struct vt_carried carried;
      memset(&charge, 0, sizeof charge);
      long length = vt_socket_hear(CONTROL_FD, &charge, sizeof charge - 1, &carried);
      if (!vt_failed(length))
        take(&charge, carried);
      else if (length != -VT_EMFILE)
        orphan();
    }
  }
  return 0;
}

static void close_carried(struct vt_carried carried) {
  for (int i = 0; i < VT_CARRIED; i++)
    if (carried.fds[i] >= 0) vt_close(carried.fds[i]);
}

static void add_tree(const struct vt_ancestor *root, struct vt_carried carried) {
  if (tree_count == TREES_MAX) {
    close_carried(carried);
    return;
  }
  trees[tree_count] = *root;
  pipes[tree_count++] = carried;
}

static void forget_tree(int pid) {
  for (int i = 0; i < tree_count; i++) {
    if (trees[i].pid != pid) continue;
    close_carried(pipes[i]);
    trees[i] = trees[--tree_count];
    pipes[i--] = pipes[tree_count];
  }
}

static void keep_directory(const char *path) {
  for (int i = 0; i < DIRECTORIES_MAX; i++)
    if (directories[i][0] == '\0') {
      (void)vt_append(directories[i], DIRECTORY_BYTES, path);
      return;
    }
}

static void take(const struct charge *charge, struct vt_carried carried) {
  switch (charge->word) {
    case LISTENER:
      if (carried.fds[0] >= 0) add_listener(carried.fds[0]);
      break;
    case TREE: add_tree(&charge->root, carried); break;
    case TREE_ENDED: forget_tree(charge->root.pid); break;
    case DIRECTORY: keep_directory(charge->directory); break;
    case DIRECTORY_ENDED:
      for (int i = 0; i < DIRECTORIES_MAX; i++)
        if (vt_is_equal(directories[i], charge->directory)) directories[i][0] = '\0';
      break;
    default: break;
  }
}

/* Only what lies in it directly, and only if it is our own: vt puts no more there. */
static void remove_directory(const char *path) {
  static uint8_t names[8192];
  long fd = vt_open_file(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (vt_failed(fd)) return;
  struct stat status;
  bool is_own = VT_SYS(__NR_fstat, fd, &status) == 0 && status.st_uid == (uint32_t)VT_SYS(__NR_geteuid);
  long length;
  while (is_own && (length = vt_read_entries((int)fd, names, sizeof names)) > 0)
    for (long at = 0; at < length; at += 2 + names[at + 1]) {
      char name[256] = "";
      memcpy(name, names + at + 2, names[at + 1]);
      (void)VT_SYS(__NR_unlinkat, fd, name, 0);
    }
  vt_close((int)fd);
  if (is_own) (void)VT_SYS(__NR_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}

/* vt may have been killed between receiving a notice and answering it. Nobody can receive it again,
 * but whoever knows its number can answer. */
static void settle_notices(void) {
  const uint64_t bytes = (uint64_t)VT_NOTICES * VT_NOTICE_BYTES;
  long mapped = VT_SYS(__NR_mmap, 0, bytes, VT_PROT_READ, VT_MAP_SHARED, NOTICES_FD, 0);
  if (vt_failed(mapped)) return;
  for (int i = 0; i < VT_NOTICES; i++) {
    const uint8_t *notice = (const uint8_t *)mapped + (size_t)i * VT_NOTICE_BYTES;
    uint64_t id = *(const uint64_t *)(const void *)notice;
    for (int k = 1; id != 0 && k < polled_count; k++) vt_answer_continue(polled[k].fd, id);
  }
}

static void answer_next(int listener) {
  static union {
    struct seccomp_notif notice;
    uint8_t room[VT_NOTICE_BYTES];
  } received;
  memset(&received, 0, sizeof received);
  if (VT_SYS(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_RECV, &received) == 0)
    vt_answer_continue(listener, received.notice.id);
}
