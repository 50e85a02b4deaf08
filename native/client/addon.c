/*
 * What src/ipc/client.cjs cannot do in JavaScript: write to a Unix socket and wait for the answer. A
 * Node-API addon of three functions, loaded by Node, Bun and Deno:
 *
 *     connect(path)                        the connection, or a negative errno
 *     send(connection, bytes, n)           0 when the first n bytes have been sent, or a negative errno
 *     receive(connection, bytes, have, n)  how many bytes there are, `have` of them from before, when
 *                                          n have arrived at least, or a negative errno
 *
 * It is apart from the library that is preloaded into every program: there, the name
 * napi_register_module_v1 would stand in front of that of other addons. Like that library it names no
 * libc, so that one file serves the programs of each; what it calls has no symbol versions.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Node-API, as far as it is used: https://nodejs.org/api/n-api.html */
typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef int napi_status; /* 0: done */
typedef napi_value napi_callback(napi_env env, napi_callback_info info);
typedef void napi_finalize(napi_env env, void *data, void *hint);

extern napi_status napi_create_external(napi_env env, void *data, napi_finalize *finalize, void *hint,
                                        napi_value *result);
extern napi_status napi_create_function(napi_env env, const char *name, size_t length,
                                        napi_callback *function, void *data, napi_value *result);
extern napi_status napi_create_int32(napi_env env, int32_t value, napi_value *result);
extern napi_status napi_get_cb_info(napi_env env, napi_callback_info info, size_t *count,
                                    napi_value *arguments, napi_value *self, void **data);
extern napi_status napi_get_typedarray_info(napi_env env, napi_value value, int *type, size_t *length,
                                            void **data, napi_value *buffer, size_t *offset);
extern napi_status napi_get_value_external(napi_env env, napi_value value, void **result);
extern napi_status napi_get_value_string_utf8(napi_env env, napi_value value, char *text, size_t size,
                                              size_t *length);
extern napi_status napi_get_value_uint32(napi_env env, napi_value value, uint32_t *result);
extern napi_status napi_set_named_property(napi_env env, napi_value object, const char *name,
                                           napi_value value);

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env,
                                                                          napi_value exports);

#define PARAMETERS_MAX 4

static napi_value number(napi_env env, int32_t value) {
  napi_value result = NULL;
  (void)napi_create_int32(env, value, &result);
  return result;
}

/* Missing arguments are `undefined`, which is refused where they are read. */
static void read_arguments(napi_env env, napi_callback_info info, napi_value arguments[PARAMETERS_MAX]) {
  size_t count = PARAMETERS_MAX;
  (void)napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
}

/* Called when JavaScript has dropped the connection, and at the end of a worker. */
static void close_connection(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  (void)close((int)(intptr_t)data);
}

static int open_connection(const struct sockaddr_un *address) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int status;
  do {
    status = connect(fd, (const struct sockaddr *)address, sizeof *address);
  } while (status != 0 && errno == EINTR);
  if (status == 0) return fd;
  int error = errno;
  (void)close(fd);
  return -error;
}

static napi_value connect_to(napi_env env, napi_callback_info info) {
  napi_value arguments[PARAMETERS_MAX];
  read_arguments(env, info, arguments);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  const size_t room = sizeof address.sun_path;
  size_t length = 0;
  if (napi_get_value_string_utf8(env, arguments[0], address.sun_path, room, &length) != 0 ||
      length + 1 >= room) /* It would have been cut short. */
    return number(env, -ENAMETOOLONG);
  int fd = open_connection(&address);
  if (fd < 0) return number(env, fd);
  napi_value connection = NULL;
  if (napi_create_external(env, (void *)(intptr_t)fd, close_connection, NULL, &connection) == 0)
    return connection;
  (void)close(fd);
  return number(env, -ENOMEM);
}

struct transfer {
  int fd;
  uint8_t *bytes;
  size_t room;
};

static bool read_transfer(napi_env env, const napi_value arguments[PARAMETERS_MAX],
                          struct transfer *transfer) {
  void *connection = NULL;
  void *bytes = NULL;
  int type = 0;
  bool is_right =
      napi_get_value_external(env, arguments[0], &connection) == 0 &&
      napi_get_typedarray_info(env, arguments[1], &type, &transfer->room, &bytes, NULL, NULL) == 0;
  transfer->fd = (int)(intptr_t)connection;
  transfer->bytes = bytes;
  return is_right;
}

static napi_value send_bytes(napi_env env, napi_callback_info info) {
  napi_value arguments[PARAMETERS_MAX];
  struct transfer to = {0};
  uint32_t length = 0;
  read_arguments(env, info, arguments);
  if (!read_transfer(env, arguments, &to) ||
      napi_get_value_uint32(env, arguments[2], &length) != 0 || length > to.room)
    return number(env, -EINVAL);
  for (size_t sent = 0; sent < length;) {
    ssize_t count = send(to.fd, to.bytes + sent, length - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return number(env, -errno);
    sent += (size_t)count;
  }
  return number(env, 0);
}

static napi_value receive_bytes(napi_env env, napi_callback_info info) {
  napi_value arguments[PARAMETERS_MAX];
  struct transfer from = {0};
  uint32_t have = 0;
  uint32_t wanted = 0;
  read_arguments(env, info, arguments);
  if (!read_transfer(env, arguments, &from) ||
      napi_get_value_uint32(env, arguments[2], &have) != 0 ||
      napi_get_value_uint32(env, arguments[3], &wanted) != 0 || wanted > from.room)
    return number(env, -EINVAL);
  while (have < wanted) {
    ssize_t count = recv(from.fd, from.bytes + have, from.room - have, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return number(env, count == 0 ? -EPIPE : -errno);
    have += (uint32_t)count;
  }
  return number(env, (int32_t)have);
}

static void export_function(napi_env env, napi_value exports, const char *name, napi_callback *function) {
  napi_value value = NULL;
  if (napi_create_function(env, name, (size_t)-1, function, NULL, &value) == 0)
    (void)napi_set_named_property(env, exports, name, value);
}

napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  export_function(env, exports, "connect", connect_to);
  export_function(env, exports, "send", send_bytes);
  export_function(env, exports, "receive", receive_bytes);
  return exports;
}
