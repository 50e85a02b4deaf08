#include "environment.h"

#define PRELOAD "LD_PRELOAD"

/* The address sanitizer wants to be the first library and ends the program otherwise. It is called
 * through us as it is through the program itself. */
#define SANITIZER "ASAN_OPTIONS"
#define ANY_ORDER "verify_asan_link_order=0"

/* A program that is itself a vt, perhaps another version, has set up its children already. */
static const char *library_of(char *const *environment) {
  const char *given = vt_variable(environment, VT_ENV_LIBRARY);
  return given != NULL ? given : vt_process.variables[VT_LIBRARY];
}

static const char *after_match(const char *list, const char *library) {
  size_t length = vt_length(library);
  for (const char *at = list; *at != '\0'; at++) {
    bool is_start = at == list || at[-1] == ':' || at[-1] == ' ';
    bool is_end = vt_starts_with(at, library) &&
                  (at[length] == '\0' || at[length] == ':' || at[length] == ' ');
    if (is_start && is_end) return at;
  }
  return NULL;
}

static bool is_preloaded(char *const *environment) {
  const char *list = vt_variable(environment, PRELOAD);
  return list != NULL && after_match(list, library_of(environment)) != NULL;
}

static size_t count_of(char *const *environment) {
  size_t count = 0;
  while (environment != NULL && environment[count] != NULL) count++;
  return count;
}

static bool is_in_any_order(char *const *environment) {
  const char *options = vt_variable(environment, SANITIZER);
  return options != NULL && vt_contains(options, ANY_ORDER);
}

size_t vt_environment_room(char *const *environment, const struct vt_change *change) {
  if (!vt_is_traced()) return 0;
  bool has_all = true;
  size_t text = 0;
  for (int i = 0; i < VT_VARIABLES; i++) {
    if (vt_process.variables[i][0] == '\0' || vt_variable(environment, vt_variable_names[i]) != NULL)
      continue;
    has_all = false;
    text += vt_length(vt_variable_names[i]) + vt_length(vt_process.variables[i]) + 2;
  }
  const char *options = vt_variable(environment, SANITIZER);
  text += sizeof SANITIZER + sizeof ANY_ORDER + 2 + (options == NULL ? 0 : vt_length(options));
  bool is_right = has_all && is_in_any_order(environment) && is_preloaded(environment) != change->cannot_load;
  if (is_right && change->launched == NULL) return 0;
  if (change->launched != NULL) text += sizeof VT_ENV_EXEC + 1 + vt_length(change->launched);
  const char *list = vt_variable(environment, PRELOAD);
  text += sizeof PRELOAD + 2 + (list == NULL ? 0 : vt_length(list)) + vt_length(library_of(environment));
  return (count_of(environment) + VT_VARIABLES + 4) * sizeof(char *) + text;
}

struct filling {
  char **entries;
  char *text;
};

static char *write_text(char *at, const char *text) {
  size_t length = vt_length(text);
  memcpy(at, text, length);
  at[length] = '\0';
  return at + length;
}

static void add(struct filling *to, const char *name, const char *value, const char *more) {
  *to->entries++ = to->text;
  char *at = write_text(to->text, name);
  at = write_text(at, "=");
  at = write_text(at, value);
  if (more[0] != '\0') {
    if (value[0] != '\0') at = write_text(at, ":");
    at = write_text(at, more);
  }
  to->text = at + 1;
}

/* The user's own libraries stay first, so that they go on doing what they did. */
static void add_preload(struct filling *to, char *const *environment, bool cannot_load) {
  const char *list = vt_variable(environment, PRELOAD);
  const char *library = library_of(environment);
  const char *ours = list == NULL ? NULL : after_match(list, library);
  if (!cannot_load) {
    add(to, PRELOAD, list == NULL ? "" : list, ours == NULL ? library : "");
    return;
  }
  if (list == NULL || ours == NULL) return;
  const char *rest = ours + vt_length(library);
  size_t before = (size_t)(ours - list);
  *to->entries++ = to->text;
  to->text = write_text(to->text, PRELOAD "=");
  memcpy(to->text, list, before);
  to->text += before;
  to->text = write_text(to->text, *rest == '\0' ? "" : rest + 1) + 1;
}

char *const *vt_environment_fill(void *room, char *const *environment,
                                 const struct vt_change *change) {
  char **entries = room;
  size_t count = count_of(environment);
  struct filling to = {.entries = entries,
                       .text = (char *)(entries + count + VT_VARIABLES + 4)};
  for (size_t i = 0; i < count; i++) {
    bool is_ours = vt_starts_with(environment[i], PRELOAD "=") ||
                   vt_starts_with(environment[i], SANITIZER "=");
    if (!is_ours) *to.entries++ = environment[i];
  }
  for (int i = 0; i < VT_VARIABLES; i++)
    if (vt_process.variables[i][0] != '\0' && vt_variable(environment, vt_variable_names[i]) == NULL)
      add(&to, vt_variable_names[i], vt_process.variables[i], "");
  const char *options = vt_variable(environment, SANITIZER);
  add(&to, SANITIZER, options == NULL ? "" : options, is_in_any_order(environment) ? "" : ANY_ORDER);
  if (change->launched != NULL) add(&to, VT_ENV_EXEC, change->launched, "");
  add_preload(&to, environment, change->cannot_load);
  *to.entries = NULL;
  return entries;
}
