import { existsSync } from "node:fs";
import { unreachable } from "../base/assert.ts";
import { UserError } from "../base/error.ts";
import { didWriteNew, errnoOf } from "../base/file.ts";
import type { Host } from "../base/host.ts";
import { type AbsolutePath, diskPath, printable } from "../base/path.ts";
import type { Draft } from "../init/draft.ts";
import { draftFromNx, hasNx } from "../init/nx.ts";
import { draftFromScripts } from "../init/package-scripts.ts";
import { configText, type SettledFile, settleDraft } from "../init/settle.ts";
import { draftFromTurbo, hasTurbo } from "../init/turbo.ts";
import { draftFromWireit, hasWireit } from "../init/wireit.ts";
import { describeInit } from "../report/init-text.ts";
import type { Terminal } from "../report/terminal.ts";
import { configPath } from "../task/config-file.ts";
import { loadPackages, type PackageGraph } from "../workspace/package-graph.ts";
import { findWorkspace } from "../workspace/root.ts";
import type { InitCall, InitSource } from "./init-command.ts";

/**
 * `vt init`: writes the first `vite-task.json` of each package that needs one, and says what it took
 * over and what not. Throws a UserError, and writes nothing, where one is already there.
 */
export async function init(call: InitCall, host: Host, terminal: Terminal): Promise<number> {
  const workspace = await findWorkspace(host.cwd);
  const graph = loadPackages(workspace);
  const { root } = workspace;
  const draft = draftFrom(call.from ?? findSource(root, graph), root, graph);
  const { files, remarks } = settleDraft(draft, graph);
  if (!call.isDryRun) {
    refuseExisting(graph);
    for (const file of files) write(file);
  }
  const whole = { ...draft, remarks: [...draft.remarks, ...remarks] };
  terminal.write("stdout", describeInit(whole, files, call.isDryRun ? "dry-run" : "written"));
  return 0;
}

function findSource(root: AbsolutePath, graph: PackageGraph): InitSource | "scripts" {
  const found = (["turbo", "nx", "wireit"] as const).filter((name) => isThere(name, root, graph));
  const [source, other] = found;
  if (other === undefined) return source ?? "scripts";
  throw new UserError(`There are settings of ${found.join(", ")}, of which one has to be chosen`, {
    code: "usage",
    hint: `write \`vt init --from ${source}\``,
  });
}

function isThere(source: InitSource, root: AbsolutePath, graph: PackageGraph): boolean {
  switch (source) {
    case "turbo":
      return hasTurbo(root);
    case "nx":
      return hasNx(root);
    case "wireit":
      return hasWireit(graph);
    default:
      return unreachable(source);
  }
}

function draftFrom(source: InitSource | "scripts", root: AbsolutePath, graph: PackageGraph): Draft {
  if (source === "scripts") return draftFromScripts(graph);
  if (!isThere(source, root, graph)) {
    const what = { turbo: "turbo.json", nx: "nx.json", wireit: "`wireit` in any package.json" };
    throw new UserError(`There is no ${what[source]} in ${printable(root)}`, {
      code: "config-invalid",
      hint: "without `--from`, `vt init` reads what is there",
    });
  }
  if (source === "turbo") return draftFromTurbo(root, graph);
  return source === "nx" ? draftFromNx(root, graph) : draftFromWireit(graph);
}

function refuseExisting(graph: PackageGraph): void {
  const existing = [...graph.packages.values()]
    .map(({ directory }) => configPath(directory))
    .find((path) => existsSync(diskPath(path)));
  if (existing !== undefined) throw alreadyThere(existing);
}

function write(file: SettledFile): void {
  const path = configPath(file.owner.directory);
  try {
    if (didWriteNew(path, configText(file))) return;
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno === undefined) throw cause;
    throw new UserError(`${printable(path)} cannot be written (${errno})`, {
      code: "config-invalid",
      hint: "the files written before it are there, and fine",
      cause,
    });
  }
  throw alreadyThere(path);
}

function alreadyThere(path: AbsolutePath): UserError {
  return new UserError(`${printable(path)} is already there`, {
    code: "config-exists",
    hint: "vt overwrites none: move it away, or print what would be written with `vt init --dry-run`",
  });
}
