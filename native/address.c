#include "address.h"

#include "hook.h"
#include "memory.h"

#define AF_UNIX 1

struct socket_address {
  uint16_t family;
  char path[VT_ADDRESS_PATH];
};

/* With a NUL at its beginning it is a name that no file system knows. */
long vt_address_read(int tid, long number, const uint64_t arguments[6], struct vt_address *out) {
  out->call.kind = VT_NONE;
  struct socket_address address = {.family = 0};
  const uint64_t bytes = (uint32_t)arguments[2];
  if (bytes <= offsetof(struct socket_address, path) || bytes > sizeof address) return 0;
  long error = vt_read_memory(tid, arguments[1], &address, bytes);
  if (error != 0) return error;
  if (address.family != AF_UNIX || address.path[0] == '\0') return 0;
  memcpy(out->path, address.path, VT_ADDRESS_PATH);
  out->path[VT_ADDRESS_PATH] = '\0';
  bool makes_file = number == __NR_bind;
  out->call = (struct vt_call){.kind = makes_file ? VT_WRITE : VT_PROBE,
                               .is_following = !makes_file,
                               .detail = makes_file ? VT_OPEN_CREATES | VT_OPEN_EXCLUSIVE : 0,
                               .dirfd = AT_FDCWD,
                               .path = out->path};
  return 0;
}

static void begin(struct vt_hook *hook, struct vt_system system, struct vt_address *read) {
  read->call.kind = VT_NONE;
  const uint64_t *arguments = (const uint64_t *)system.arguments;
  long error = vt_is_traced() ? vt_address_read(0, system.number, arguments, read) : 0;
  if (error != 0 && error != -VT_EFAULT) vt_sinks_mark(&vt_process.sinks, VT_UNREADABLE_MEMORY);
  vt_hook_begin_call(hook, &read->call);
  hook->system = system;
}

/* A server that has no room for one more is there. */
static int error_of(long result) {
  int error = vt_error_if(result < 0);
  return error == VT_EAGAIN ? 0 : error;
}

#define VT_ADDRESSED(name)                                                                         \
  int name(int fd, const void *address, unsigned bytes) {                                          \
    struct vt_hook hook;                                                                           \
    struct vt_address read;                                                                        \
    long result;                                                                                   \
    begin(&hook, VT_SYSTEM(__NR_##name, fd, address, bytes), &read);                               \
    if (!vt_hook_direct(&hook, VT_REAL_##name, &result))                                           \
      result = VT_REAL(int, name, (int, const void *, unsigned))(fd, address, bytes);              \
    vt_hook_end(&hook, result, error_of(result));                                                  \
    return (int)result;                                                                            \
  }

VT_ADDRESSED(connect)
VT_ADDRESSED(bind)
