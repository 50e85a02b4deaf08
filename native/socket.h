/* Unix sockets of whole messages, and descriptors sent over them. */
#ifndef VT_SOCKET_H
#define VT_SOCKET_H

#include "kernel.h"

/* Abstract names: nothing to clean up, nothing to write to. Each gives a descriptor or -errno. */
VT_HIDDEN long vt_socket_listen(const char *name);
VT_HIDDEN long vt_socket_connect(const char *name);
/* The next connection of our own user; others are turned away with -EACCES. */
VT_HIDDEN long vt_socket_accept(int listener);
VT_HIDDEN long vt_socket_pair(int pair[2]);
/* The descriptors that one message carries; -1: none, and none after it. */
#define VT_CARRIED 2
struct vt_carried {
  int fds[VT_CARRIED];
};
#define VT_CARRY(...) ((struct vt_carried){{__VA_ARGS__}})

/* One message: `count` bytes, and descriptors. */
VT_HIDDEN bool vt_socket_tell(int socket, const void *bytes, size_t count, struct vt_carried carried);
/* The next message: how long it is, and its descriptors; or -errno, EPIPE at the end of the connection. */
VT_HIDDEN long vt_socket_hear(int socket, void *bytes, size_t capacity, struct vt_carried *carried);
/* A message that is nothing but a descriptor. */
VT_HIDDEN bool vt_socket_send(int socket, int fd);
/* The descriptor in the next message, or -errno: EPIPE at the end of the connection. */
VT_HIDDEN long vt_socket_receive(int socket);

#endif
