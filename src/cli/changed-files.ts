import { UserError } from "../base/error.ts";
import type { Environment } from "../base/host.ts";
import { type AbsolutePath, printable, type WorkspacePath, workspacePath } from "../base/path.ts";
import { readOutputNow } from "../execute/spawn.ts";
import type { Changes, FindChanges, Since } from "../workspace/changes.ts";

type ChangeHost = { readonly environment: Environment };

/**
 * Asks git what has changed in the workspace, the same question only once. What is not committed
 * counts, new files included; what `.gitignore` names does not.
 */
export function createFindChanges(root: AbsolutePath, host: ChangeHost): FindChanges {
  const known = new Map<string, Changes>();
  return (since) => {
    const key = JSON.stringify(since);
    const changes = known.get(key) ?? findChanges(createGit(root, host), since, host);
    known.set(key, changes);
    return changes;
  };
}

function findChanges(git: Git, since: Since, host: ChangeHost): Changes {
  // Outside of a repository `git diff` would compare two files of these names.
  git(["rev-parse", "--git-dir"]);
  const ref = since.ref ?? findMainBranch(git, host);
  const commit = since.kind === "branch" ? mergeBase(git, ref) : ref;
  const options = ["--name-only", "-z", "--relative", "--no-renames", "--no-ext-diff"];
  // Whatever the user wants to see of submodules: what was changed in one is a change.
  options.push("--ignore-submodules=none");
  const changed = git(["diff", ...options, commit, "--", "."]) ?? "";
  const added = git(["ls-files", "-z", "--others", "--exclude-standard"]) ?? "";
  return { files: [...paths(changed), ...paths(added)], ref };
}

/** Returns what git printed, undefined where it says no without a word. Throws a UserError where it fails. */
type Git = (args: readonly string[]) => string | undefined;

function createGit(cwd: AbsolutePath, { environment }: ChangeHost): Git {
  return (args) => {
    const result = readOutputNow(["git", "-c", "core.quotePath=false", ...args], {
      cwd,
      // Looking must not write to the index. A hook has a `GIT_DIR`, which would make the directory
      // we are in the top of the work tree.
      environment: { ...environment, GIT_OPTIONAL_LOCKS: "0", GIT_DIR: undefined, LC_ALL: "C" },
    });
    if (result?.isOk) return result.stdout;
    if (result?.stderr === "") return undefined;
    const why = result === undefined ? "there is no program `git`" : firstLine(result.stderr);
    throw new UserError(`Which packages have changed cannot be told: ${printable(why)}`, {
      code: "changes-unknown",
      hint: "`--affected` and `[ref]` need a git repository that has this commit",
    });
  };
}

function firstLine(text: string): string {
  return text.split("\n")[0]?.replace(/^fatal: /, "") ?? "";
}

/** Where a pull request goes, then what the remote calls its main branch, then the usual names. */
function findMainBranch(git: Git, { environment }: ChangeHost): string {
  const base = environment["GITHUB_BASE_REF"] ?? environment["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"];
  const candidates = [
    ...(base ? [`origin/${base}`] : []),
    ...["origin/HEAD", "origin/main", "origin/master", "main", "master"],
  ];
  const found = candidates.find(
    (name) => git(["rev-parse", "--verify", "--quiet", `${name}^{commit}`]) !== undefined,
  );
  if (found !== undefined) return found;
  throw new UserError("Which packages have changed cannot be told: no main branch was found", {
    code: "changes-unknown",
    hint: `looked for ${candidates.join(", ")}; name another one: \`--affected=<ref>\``,
  });
}

function mergeBase(git: Git, ref: string): string {
  const base = git(["merge-base", ref, "HEAD"]);
  if (base !== undefined) return base.trim();
  throw new UserError(
    `Which packages have changed cannot be told: no history joins ${printable(ref)} and this branch`,
    {
      code: "changes-unknown",
      hint: "fetch more of the history: a shallow clone does not have it",
    },
  );
}

function paths(output: string): WorkspacePath[] {
  return output.split("\0").flatMap((path) => (path === "" ? [] : [workspacePath(path)]));
}
