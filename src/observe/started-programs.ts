import { type AbsolutePath, toWorkspacePath } from "../base/path.ts";
import { statBeyond } from "../fingerprint/outside.ts";
import { type Stamp, stampKind } from "../native/stamp.ts";
import type { RunContext } from "./context.ts";
import type { Problem } from "./findings.ts";
import type { Histories, StartedProgram } from "./history.ts";
import { hasChangedSince } from "./judge.ts";

/** The programs from outside the workspace that a run started. What is stored must be those that ran. */
export function startedOutside(
  histories: Histories,
  { tree, clock }: RunContext,
): { readonly programs: readonly AbsolutePath[]; readonly problems: readonly Problem[] } {
  const programs: AbsolutePath[] = [];
  const problems: Problem[] = [];
  for (const [named, program] of histories.programs) {
    if (toWorkspacePath(tree.root, named) !== undefined) continue;
    const found = lookAt(named);
    // The link by which a program was started may have been the run's own, and be gone.
    const isNamed = isThere(found);
    if (!isNamed && isScratchProgram(program, histories)) continue;
    const path = isNamed ? named : program.place;
    if (hasChangedSince(program.stamp, isNamed ? found : lookAt(path), clock))
      problems.push({ kind: "input-changed", path });
    programs.push(path);
  }
  return { programs, problems };
}

/** Where `go test`, `go run` and `rustdoc --test` build what they run and remove. */
const builtToRun = /\/(?:go-build|rustdoctest)[^/]*\//;

/**
 * A test that is compiled, run and removed again is no more an input than other scratch files. Elsewhere it may
 * be a copy of a program from outside, which is one.
 */
function isScratchProgram({ place, isOwnWork }: StartedProgram, { paths }: Histories): boolean {
  const isBuilt = isOwnWork && builtToRun.test(place);
  return isBuilt && paths.get(place)?.isRemoved === true && !isThere(lookAt(place));
}

function lookAt(program: AbsolutePath): Stamp {
  return statBeyond(program, { isFollowing: true });
}

function isThere(stamp: Stamp): boolean {
  return stampKind(stamp) !== "missing";
}
