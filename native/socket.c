#include "socket.h"

#define AF_UNIX 1
#define SOCK_SEQPACKET 5
#define SOCK_CLOEXEC 02000000
#define SOL_SOCKET 1
#define SO_PEERCRED 17
#define SCM_RIGHTS 1
#define MSG_NOSIGNAL 0x4000
#define MSG_CMSG_CLOEXEC 0x40000000

struct address {
  uint16_t family;
  char name[108];
};

struct vector {
  void *base;
  size_t length;
};

struct control {
  size_t length;
  int level;
  int type;
  struct vt_carried carried;
};

struct message {
  void *name;
  int name_length;
  struct vector *vectors;
  size_t vector_count;
  struct control *control;
  size_t control_length;
  unsigned flags;
};

static size_t control_length(size_t count) { return offsetof(struct control, carried) + count * sizeof(int); }

static long open_named(const char *name, struct address *address) {
  size_t length = vt_length(name);
  if (length + 2 > sizeof address->name) return -VT_ENAMETOOLONG;
  *address = (struct address){.family = AF_UNIX};
  memcpy(address->name + 1, name, length); /* A leading NUL makes it abstract. */
  return VT_SYS(__NR_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
}

static long address_length(const char *name) {
  return (long)(offsetof(struct address, name) + 1 + vt_length(name));
}

static long finish(long fd, long error) {
  if (error == 0) return fd;
  vt_close((int)fd);
  return error;
}

long vt_socket_listen(const char *name) {
  struct address address;
  long fd = open_named(name, &address);
  if (vt_failed(fd)) return fd;
  long error = VT_SYS(__NR_bind, fd, &address, address_length(name));
  if (error == 0) error = VT_SYS(__NR_listen, fd, 4096);
  return finish(fd, error);
}

long vt_socket_connect(const char *name) {
  struct address address;
  long fd = open_named(name, &address);
  if (vt_failed(fd)) return fd;
  return finish(fd, VT_SYS(__NR_connect, fd, &address, address_length(name)));
}

long vt_socket_accept(int listener) {
  long fd = VT_SYS(__NR_accept4, listener, 0, 0, SOCK_CLOEXEC);
  if (vt_failed(fd)) return fd;
  struct {
    int pid;
    uint32_t uid;
    uint32_t gid;
  } peer = {0};
  int length = sizeof peer;
  long error = VT_SYS(__NR_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &peer, &length);
  if (error == 0 && peer.uid != (uint32_t)VT_SYS(__NR_geteuid)) error = -VT_EACCES;
  return finish(fd, error);
}

long vt_socket_pair(int pair[2]) {
  return VT_SYS(__NR_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}

static size_t count_carried(struct vt_carried carried) {
  size_t count = 0;
  while (count < VT_CARRIED && carried.fds[count] >= 0) count++;
  return count;
}

bool vt_socket_tell(int socket, const void *bytes, size_t count, struct vt_carried carried) {
  struct vector vector = {(void *)(uintptr_t)bytes, count};
  size_t carried_count = count_carried(carried);
  struct control control = {.length = control_length(carried_count), .level = SOL_SOCKET,
                            .type = SCM_RIGHTS, .carried = carried};
  struct message message = {.vectors = &vector, .vector_count = 1};
  if (carried_count > 0) {
    message.control = &control;
    message.control_length = sizeof control;
  }
  long sent;
  do {
    sent = VT_SYS(__NR_sendmsg, socket, &message, MSG_NOSIGNAL);
  } while (sent == -VT_EINTR);
  return sent == (long)count;
}

long vt_socket_hear(int socket, void *bytes, size_t capacity, struct vt_carried *carried) {
  struct vector vector = {bytes, capacity};
  struct control control = {.length = 0};
  struct message message = {.vectors = &vector, .vector_count = 1, .control = &control,
                            .control_length = sizeof control};
  *carried = VT_CARRY(-1, -1);
  long got;
  do {
    got = VT_SYS(__NR_recvmsg, socket, &message, MSG_CMSG_CLOEXEC);
  } while (got == -VT_EINTR);
  if (got <= 0) return got < 0 ? got : -VT_EPIPE;
  for (size_t i = 0; i < VT_CARRIED; i++)
    if (message.control_length > 0 && control.type == SCM_RIGHTS && control.length >= control_length(i + 1))
      carried->fds[i] = control.carried.fds[i];
  return got;
}

bool vt_socket_send(int socket, int fd) { return vt_socket_tell(socket, "L", 1, VT_CARRY(fd, -1)); }

long vt_socket_receive(int socket) {
  char byte;
  struct vt_carried carried;
  long got = vt_socket_hear(socket, &byte, 1, &carried);
  if (got < 0) return got;
  return carried.fds[0] >= 0 ? carried.fds[0] : -VT_EINVAL;
}
