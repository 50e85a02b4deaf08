import type { AbsolutePath } from "../base/path.ts";
import { describeNotFound } from "../plan/program.ts";
import type { Step } from "../plan/step.ts";
import type { Session } from "./session.ts";

export type NotStarted = { readonly kind: "not-started"; readonly message: string };

/**
 * The program to start for a step whose turn has come. Where the plan could only expect it, it is whichever is
 * found now, as a shell would do; or there is still none.
 */
export function programToStart(
  { action, cwd, environment }: Step,
  planned: AbsolutePath,
  { programs, root }: Session,
): AbsolutePath | NotStarted {
  if (action.kind === "echo" || action.isExpected === undefined) return planned;
  const request = { name: action.name, cwd, path: environment["PATH"] };
  const found = programs.now().find(request);
  return found ?? { kind: "not-started", message: describeNotFound(request, root) };
}
