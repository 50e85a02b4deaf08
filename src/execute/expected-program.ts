import { type AbsolutePath, toWorkspacePath } from "../base/path.ts";
import { describeNotFound, isPath } from "../plan/program.ts";
import type { Step } from "../plan/step.ts";
import type { LookupSession } from "./session.ts";

export type NotStarted = { readonly kind: "not-started"; readonly message: string };

/**
 * The program to start for a step whose turn has come: whichever is found now, as a shell would do. What came before
 * may have made one, or removed the one that the plan found; there may be none.
 */
export function programToStart(
  { action, cwd, environment }: Step,
  planned: AbsolutePath,
  { programs, root }: Pick<LookupSession, "programs" | "root">,
): AbsolutePath | NotStarted {
  if (action.kind === "echo" || action.search === undefined) return planned;
  if (action.search === "found" && programs.areAsPlanned) return planned;
  const request = { name: action.name, cwd, path: environment["PATH"] };
  const found = programs.now().find(request);
  return found ?? { kind: "not-started", message: describeNotFound(request, root) };
}

/**
 * The path of a step's program, as written, where any step may write outside the workspace: what makes it there, and
 * what of it, is in no result.
 */
export function programInScratch(
  { action }: Step,
  { root, scratch }: Pick<LookupSession, "root" | "scratch">,
): string | undefined {
  if (action.kind === "echo" || action.search === undefined || !isPath(action.name))
    return undefined;
  const { name, program } = action;
  if (toWorkspacePath(root, program) !== undefined) return undefined;
  return scratch().some((place) => program.startsWith(`${place}/`)) ? name : undefined;
}
