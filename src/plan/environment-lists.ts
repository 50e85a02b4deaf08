/**
 * What a cached step gets although its task does not list it, and what does not count: changing
 * one of these is never a miss. Patterns, see `name-pattern.ts`.
 */
export const untrackedByDefault: readonly string[] = [
  // who and where
  ...["HOME", "USER", "SHELL", "PWD", "PATH", "TMP", "TEMP", "LD_LIBRARY_PATH", "LD_PRELOAD"],
  ...["DYLD_FALLBACK_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "LIBPATH"],
  ...["XDG_RUNTIME_DIR", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY"],
  // package managers, and what starts Node
  ...["COREPACK_*", "NPM_CONFIG_STORE_DIR", "PNPM_HOME", "ELECTRON_RUN_AS_NODE"],
  // continuous integration and hosting
  ...["CI", "GITHUB_*", "RUNNER_*", "ACTIONS_ID_TOKEN_REQUEST_URL", "*_TOKEN"],
  ...["VERCEL", "VERCEL_*", "NEXT_*", "USE_OUTPUT_FOR_EDGE_FUNCTIONS", "NOW_BUILDER"],
  "VC_MICROFRONTENDS_CONFIG_FILE_NAME",
  // where other languages and what they download lie
  ...["RUSTUP_HOME", "CARGO_HOME", "GOROOT", "GOPATH", "GOCACHE", "GOMODCACHE", "JAVA_HOME"],
  // editors, containers, browsers
  ...["JB_INTERPRETER", "_JETBRAINS_TEST_RUNNER_RUN_SCOPE_TYPE", "JB_IDE_*", "VSCODE_*"],
  ...["DOCKER_*", "BUILDKIT_*", "COMPOSE_*", "PLAYWRIGHT_*"],
  // Windows
  ...["APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "SYSTEMROOT", "SYSTEMDRIVE", "USERPROFILE"],
  ...["HOMEDRIVE", "HOMEPATH", "WINDIR", "PATHEXT", "ProgramFiles", "ProgramFiles(x86)"],
  // the runner
  "VP_*",
];

/** What a cached step gets although its task does not list it, and what counts, since it changes results. */
export const trackedByDefault: readonly string[] = [
  ...["NODE_OPTIONS", "TZ", "LANG", "LC_*", "NEXT_PUBLIC_*"],
];

/**
 * What many a tool needs, and no cached step gets unless its task says so: its lack is worth a word
 * to whoever wonders why a build came out differently or found no network. Patterns, see `name-pattern.ts`.
 */
export const commonlyNeeded: readonly string[] = [
  ...["NODE_ENV", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"],
  ...["http_proxy", "https_proxy", "all_proxy", "no_proxy"],
  ...["SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"],
  // what bundlers put into their output
  ...["VITE_*", "REACT_APP_*", "GATSBY_*", "NUXT_PUBLIC_*", "EXPO_PUBLIC_*", "STORYBOOK_*"],
];

/**
 * Settings of vt itself. They reach every process as they are, because a `vt` that a script starts
 * must use the same cache in the same way. No result depends on them, so no pattern matches them
 * and no tool can ask for them: `VT_CACHE=off` for one run must not be a miss in the next.
 */
export const ownSettings: readonly string[] = [
  ...["VT_CACHE", "VT_CACHE_DIR", "VT_CONCURRENCY", "VT_DEPTH", "VT_TRACE"],
  "VP_RUN_CONCURRENCY_LIMIT",
];

/** What vt tells the process it starts; a value from an outer vt says nothing about this run. */
export const ownMessages: readonly string[] = [
  ...["VP_RUN", "VP_RUN_IPC_NAME", "VP_RUN_NODE_CLIENT_PATH"],
];
