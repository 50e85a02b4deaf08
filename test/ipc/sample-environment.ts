import { createToolEnvironment, type ToolEnvironment } from "../../src/ipc/tool-environment.ts";
import type { CachePolicy } from "../../src/plan/step.ts";
import { sampleStep } from "../execute/sample-step.ts";

type Variables = Readonly<Record<string, string>>;

const automatic = { isAuto: true, positive: [], negative: [] };

/** What the tools of a step are told that would have `variables`, and whose task lists the others. */
export function toolEnvironment(
  variables: Variables,
  lists: { readonly env?: Variables; readonly untrackedEnv?: readonly string[] } = {},
): ToolEnvironment {
  const policy: CachePolicy = {
    trackedEnv: Object.entries(lists.env ?? {}),
    untrackedEnv: [],
    listedUntrackedEnv: lists.untrackedEnv ?? [],
    input: automatic,
    output: automatic,
  };
  const unfilteredEnvironment = { ...variables, ...lists.env };
  return createToolEnvironment({ ...sampleStep("a", "build", ""), unfilteredEnvironment }, policy);
}
