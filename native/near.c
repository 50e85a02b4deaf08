#include "near.h"

enum { DIRECTORY_MAX = 768 }; /* Longer ones are not worth the stack. */
enum { HELD_FROM = 16 }; /* To open and close it takes as long as to find it for about so many paths. */

static size_t directory_length(const char *path);

void vt_near_begin(struct vt_near *near) { *near = (struct vt_near){NULL, 0, 0, -1}; }

struct vt_near_path vt_near_to(struct vt_near *near, int base, const char *path) {
  const struct vt_near_path whole = {base, path};
  size_t length = directory_length(path);
  if (length == 0 || length >= DIRECTORY_MAX || path[length] == '\0') return whole;
  if (length != near->length || memcmp(path, near->directory, length) != 0) {
    vt_near_end(near);
    near->directory = path;
    near->length = length;
  }
  near->count += 1;
  if (near->count < HELD_FROM) return whole;
  if (near->fd < 0) {
    char directory[DIRECTORY_MAX];
    memcpy(directory, path, length);
    directory[length] = '\0';
    near->fd = (int)VT_SYS(__NR_openat, base, directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (near->fd < 0) return whole;
  }
  return (struct vt_near_path){near->fd, path + length};
}

void vt_near_end(struct vt_near *near) {
  if (near->fd >= 0) vt_close(near->fd);
  vt_near_begin(near);
}

/* With its slash; 0 where there is none. */
static size_t directory_length(const char *path) {
  size_t length = 0;
  for (size_t i = 0; path[i] != '\0'; i++)
    if (path[i] == '/') length = i + 1;
  return length;
}
