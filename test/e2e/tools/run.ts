import { join } from "node:path";
import { absolutePath } from "../../../src/base/path.ts";
import { readLastRun } from "../../../src/report/last-run.ts";
import { describeMiss } from "../../../src/report/miss-text.ts";
import { describeSkip } from "../../../src/report/skip-text.ts";
import type { StepSummary } from "../../../src/report/summary.ts";
import type { VtOptions } from "../../harness/vt.ts";
import type { Workspace } from "../../harness/workspace.ts";
import { runTask } from "./installation.ts";
import { type Picture, takePicture } from "./picture.ts";

/** One run of the task, and the workspace after it. */
export type Run = {
  readonly exitCode: number;
  readonly text: string;
  /** Whether every step was taken from the cache. */
  readonly isHit: boolean;
  /** Why steps were no hits, in the words of vt. */
  readonly misses: readonly string[];
  /** Why steps were not stored, in the words of vt. */
  readonly skips: readonly string[];
  readonly picture: Picture;
};

/** Runs the task of a workspace. */
export async function run(
  workspace: Workspace,
  environment: VtOptions["environment"] = {},
): Promise<Run> {
  const { exitCode, text } = await runTask(workspace, environment);
  const { steps } = readLastRun(absolutePath(join(workspace.root, "node_modules/.vt/v4")));
  return {
    exitCode,
    text,
    isHit: steps.every(({ status }) => status.kind === "hit"),
    misses: steps.flatMap(missOf),
    skips: steps.flatMap(skipOf),
    picture: takePicture(workspace.root),
  };
}

function missOf({ status }: StepSummary): readonly string[] {
  return status.kind === "miss" ? [describeMiss(status.reason) ?? "never run like this"] : [];
}

function skipOf({ commandText, outcome }: StepSummary): readonly string[] {
  if (outcome.kind !== "exited" || outcome.store?.kind !== "not-stored") return [];
  return [`${commandText} not stored: ${describeSkip(outcome.store.reason)}`];
}
