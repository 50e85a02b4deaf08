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
/* One message: `count` bytes, and a descriptor unless `fd` is negative. */
VT_HIDDEN bool vt_socket_tell(int socket, const void *bytes, size_t count, int fd);
/* The next message: how long it is, and `fd` its descriptor or -1; or -errno, EPIPE at the end of the
 * connection. */
VT_HIDDEN long vt_socket_hear(int socket, void *bytes, size_t capacity, int *fd);
/* A message that is nothing but a descriptor. */
VT_HIDDEN bool vt_socket_send(int socket, int fd);
/* The descriptor in the next message, or -errno: EPIPE at the end of the connection. */
VT_HIDDEN long vt_socket_receive(int socket);

#endif
