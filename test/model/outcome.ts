import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MainRun } from "./compare.ts";

type Summary = {
  readonly summary: {
    readonly steps: readonly {
      readonly status: { readonly kind: "hit" | "miss" | "off"; readonly reason?: Reason };
      readonly outcome: { readonly store?: { readonly kind: string; readonly reason?: Reason } };
    }[];
  };
};

type Reason = { readonly kind: string; readonly path?: string };

/** What vt says of the task that it ran last: a hit is one of all its items, the first reason tells. */
export function readOutcome(
  root: string,
): Pick<MainRun, "status" | "replayed" | "reason" | "reasonText" | "notStored" | "notStoredText"> {
  const [path] = [
    ...new Bun.Glob("node_modules/.vt/**/last-summary.json").scanSync({ cwd: root, dot: true }),
  ];
  if (path === undefined)
    return { status: "off", replayed: [], reason: "no summary", reasonText: "" };
  const { summary } = JSON.parse(readFileSync(join(root, path), "utf8")) as Summary;
  const step = summary.steps.find(({ status }) => status.kind !== "hit") ?? summary.steps[0];
  const unstored = summary.steps.flatMap(({ outcome }) => outcome.store?.reason ?? [])[0];
  return {
    status: step?.status.kind ?? "off",
    replayed: [...summary.steps.keys()].filter((at) => summary.steps[at]?.status.kind === "hit"),
    reason: step?.status.reason?.kind ?? "",
    reasonText: step?.status.reason === undefined ? "" : JSON.stringify(step.status.reason),
    ...(unstored !== undefined && {
      notStored: unstored.kind,
      notStoredText: JSON.stringify(unstored),
    }),
  };
}
