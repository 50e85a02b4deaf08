import {
  type AbsolutePath,
  parentOf,
  toWorkspacePath,
  type WorkspacePath,
  workspacePath,
} from "../base/path.ts";
import type { Condition } from "../fingerprint/condition.ts";
import { splitGitPath } from "../fingerprint/git-state.ts";
import { readGitState } from "../fingerprint/state.ts";
import { stampKind, unprovenStamp } from "../native/stamp.ts";
import type { RunContext } from "./context.ts";
import type { Problem } from "./findings.ts";
import type { PathHistory } from "./history.ts";
import { hasChangedSince, isChanged } from "./judge.ts";

/**
 * A run that read `HEAD` depends on the commit that it names, one that read a ref, or listed refs, on
 * these, and one that read the index on its entries. Whatever else it did in `.git` does not count: git
 * keeps its books there.
 */
export function judgeGitLooks(
  histories: Iterable<PathHistory>,
  context: RunContext,
): { readonly conditions: readonly Condition[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const looks: GitLook[] = [];
  for (const history of histories) {
    const { look } = history;
    const found = look && findGitPath(history.path, context);
    if (look === undefined || found === undefined) continue;
    const path = workspacePath(`${found.repository}/${found.name}`);
    const now = context.tree.stamp(history.path);
    // Git looks whether there are refs at all. Those in a directory count for whoever lists it.
    if (stampKind(now) === "directory" && !history.isListed) continue;
    if (!context.countsAsInput(path)) continue;
    const isOwnDoing = isChanged(history, now);
    if (!isOwnDoing && look.isPresent && hasChangedSince(look.stamp, now, context.clock))
      problems.push({ kind: "input-changed", path });
    looks.push({ ...found, isListed: history.isListed });
  }
  const conditions: Condition[] = [];
  for (const path of subjectsOf(looks)) {
    const state = readGitState(context.tree.at(path));
    if (state === undefined) problems.push({ kind: "input-unreadable", path });
    else conditions.push({ path, state, tolerance: "exact", stamp: unprovenStamp });
  }
  return { conditions, problems };
}

/** `repository` is a `.git`, or what a submodule has in one; `name` is what was looked at in it. */
type GitName = { readonly repository: string; readonly name: string };
type GitLook = GitName & { readonly isListed: boolean };

/** What the looks depend on. Whoever listed a directory of refs depends on all that are directly in it. */
function subjectsOf(looks: readonly GitLook[]): ReadonlySet<WorkspacePath> {
  const pathOf = ({ repository, name }: GitName): WorkspacePath =>
    workspacePath(`${repository}/${subjectOf(name)}`);
  const listed = new Set(looks.filter(({ isListed }) => isListed).map(pathOf));
  const others = looks.map(pathOf).filter((path) => !listed.has(parentOf(path)));
  return new Set([...listed, ...others]);
}

function subjectOf(name: string): string {
  if (name === "packed-refs") return "HEAD";
  return name.startsWith("reftable/") ? "reftable/tables.list" : name;
}

/** As if it lay in the `.git` of the work tree; undefined when it lies in none, or is bookkeeping. */
function findGitPath(path: AbsolutePath, { tree, git }: RunContext): GitName | undefined {
  const places: readonly AbsolutePath[] = git === undefined ? [] : [git.directory, git.common];
  for (const place of places) {
    const name = toWorkspacePath(place, path);
    if (name !== undefined) return nameIn(".git", name);
  }
  // A repository inside the workspace.
  const inside = toWorkspacePath(tree.root, path) ?? "";
  const [, repository, name] = /^(.+\/\.git)\/(.+)$/.exec(inside) ?? [];
  return repository === undefined || name === undefined ? undefined : nameIn(repository, name);
}

function nameIn(dotGit: string, path: string): GitName | undefined {
  const found = splitGitPath(path);
  if (found === undefined) return undefined;
  const { submodule, name } = found;
  return { repository: submodule === undefined ? dotGit : `${dotGit}/${submodule}`, name };
}
