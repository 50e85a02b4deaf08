import type { Environment } from "../base/host.ts";
import {
  type AbsolutePath,
  absolutePath,
  isAbsolutePath,
  searchPathSeparator,
} from "../base/path.ts";

/**
 * Where outside the workspace any step may write: directories for temporary files, and those in which tools
 * keep, for a user, what they download, count, or can make again. No result of a task is looked for there.
 */
export function scratchPlaces(environment: Environment): readonly AbsolutePath[] {
  const home = environment["HOME"];
  const config = environment["XDG_CONFIG_HOME"] || `${home}/.config`;
  const data = environment["XDG_DATA_HOME"] || `${home}/.local/share`;
  const places = [
    ...["/tmp", "/var/tmp", "/dev/shm", environment["TMPDIR"], environment["XDG_RUNTIME_DIR"]],
    ...[environment["XDG_CACHE_HOME"], `${home}/.cache`],
    // A token, a number, a date: made once for each user by the first run of any.
    ...[`${data}/vitest`, `${home}/.storybook`],
    ...below(config, ["astro", "nextjs-nodejs", "turborepo", ".wrangler/metrics.json"]),
    `${config}/.wrangler/logs`,
    ...below(`${home}/.npm`, ["_cacache", "_logs", "_npx", "_update-notifier-last-checked"]),
    `${home}/.bun/install/cache`,
    // Each of Go's programs counts there that it was started.
    `${config}/go/telemetry`,
    ...[environment["GOCACHE"], environment["GOMODCACHE"]],
    // The first of several directories is where Go puts what it downloads.
    ...below(environment["GOPATH"]?.split(searchPathSeparator)[0] || `${home}/go`, [
      ...["pkg/mod", "pkg/sumdb"],
    ]),
    ...below(environment["CARGO_HOME"] || `${home}/.cargo`, [
      ...["registry", "git"],
      // Locks, and when something of the others was last used.
      ...[".package-cache", ".package-cache-mutate", ".global-cache"],
    ]),
  ];
  return places.filter(isAbsolutePath).map(absolutePath);
}

function below(directory: string, names: readonly string[]): readonly string[] {
  return names.map((name) => `${directory}/${name}`);
}
