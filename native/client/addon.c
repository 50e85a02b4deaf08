/*
 * What src/ipc/client.cjs cannot do in JavaScript: write to a Unix socket and wait for the answer. A
 * Node-API addon of three functions, loaded by Node, Bun and Deno:
 *
 *     connect(path)           the connection, or a negative errno
 *     send(connection, text)  0 when the text has been sent as one frame, a negative errno, or how many
 *                             bytes a frame may have when the text has more
 *     receive(connection)     the text of the next frame, or a negative errno
 *
 * A frame is the length of its text, as four bytes, and the text in UTF-8: docs/runner-aware-tools.md.
 *
 * It is apart from the library that is preloaded into every program: there, the name
 * napi_register_module_v1 would stand in front of that of other addons. Like that library it names no
 * libc, so that one file serves the programs of each; what it calls has no symbol versions.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
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
extern napi_status napi_create_string_utf8(napi_env env, const char *text, size_t length,
                                           napi_value *result);
extern napi_status napi_get_cb_info(napi_env env, napi_callback_info info, size_t *count,
                                    napi_value *arguments, napi_value *self, void **data);
extern napi_status napi_get_value_external(napi_env env, napi_value value, void **result);
extern napi_status napi_get_value_string_utf8(napi_env env, napi_value value, char *text, size_t size,
                                              size_t *length);
extern napi_status napi_set_named_property(napi_env env, napi_value object, const char *name,
                                           napi_value value);

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env,
                                                                          napi_value exports);

#define PARAMETERS_MAX 2
#define HEAD_BYTES 4
#define FRAME_BYTES_MAX (64 * 1024) /* src/ipc/protocol.ts: frameBytesMax */

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

static int descriptor_of(napi_env env, napi_value value) {
  void *connection = NULL;
  return napi_get_value_external(env, value, &connection) == 0 ? (int)(intptr_t)connection : -1;
}

static int send_all(int fd, const uint8_t *bytes, size_t length) {
  for (size_t sent = 0; sent < length;) {
    ssize_t count = send(fd, bytes + sent, length - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -errno;
    sent += (size_t)count;
  }
  return 0;
}

static int receive_all(int fd, uint8_t *bytes, size_t length) {
  for (size_t have = 0; have < length;) {
    ssize_t count = recv(fd, bytes + have, length - have, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count == 0 ? -EPIPE : -errno;
    have += (size_t)count;
  }
  return 0;
}

static napi_value send_text(napi_env env, napi_callback_info info) {
  napi_value arguments[PARAMETERS_MAX];
  read_arguments(env, info, arguments);
  size_t length = 0;
  if (napi_get_value_string_utf8(env, arguments[1], NULL, 0, &length) != 0) return number(env, -EINVAL);
  if (length > FRAME_BYTES_MAX) return number(env, FRAME_BYTES_MAX);
  uint8_t *frame = malloc(HEAD_BYTES + length + 1); /* Node-API ends what it writes with a zero. */
  if (frame == NULL) return number(env, -ENOMEM);
  for (size_t byte = 0; byte < HEAD_BYTES; byte++) frame[byte] = (uint8_t)(length >> 8 * byte);
  (void)napi_get_value_string_utf8(env, arguments[1], (char *)frame + HEAD_BYTES, length + 1, &length);
  int status = send_all(descriptor_of(env, arguments[0]), frame, HEAD_BYTES + length);
  free(frame);
  return number(env, status);
}

static napi_value receive_text(napi_env env, napi_callback_info info) {
  napi_value arguments[PARAMETERS_MAX];
  read_arguments(env, info, arguments);
  int fd = descriptor_of(env, arguments[0]);
  uint8_t head[HEAD_BYTES];
  int status = receive_all(fd, head, HEAD_BYTES);
  if (status != 0) return number(env, status);
  size_t length = 0;
  for (size_t byte = 0; byte < HEAD_BYTES; byte++) length |= (size_t)head[byte] << 8 * byte;
  uint8_t *text = malloc(length + 1); /* Of no bytes, it may be NULL. */
  if (text == NULL) return number(env, -ENOMEM);
  status = receive_all(fd, text, length);
  napi_value result = NULL;
  if (status == 0 && napi_create_string_utf8(env, (const char *)text, length, &result) != 0)
    status = -EILSEQ;
  free(text);
  return status == 0 ? result : number(env, status);
}

static void export_function(napi_env env, napi_value exports, const char *name, napi_callback *function) {
  napi_value value = NULL;
  if (napi_create_function(env, name, (size_t)-1, function, NULL, &value) == 0)
    (void)napi_set_named_property(env, exports, name, value);
}

napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  export_function(env, exports, "connect", connect_to);
  export_function(env, exports, "send", send_text);
  export_function(env, exports, "receive", receive_text);
  return exports;
}
