import type { AbsolutePath } from "../base/path.ts";
import { describeNotFound } from "../plan/program.ts";
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
