import { existsSync, renameSync, writeFileSync } from "node:fs";
import { UserError } from "../base/error.ts";
import { readIfPresent, removeIfPresent } from "../base/file.ts";
import { type AbsolutePath, diskPath, resolvePath } from "../base/path.ts";
import { lastSummaryName } from "../cache/layout.ts";
import type { RunSummary } from "./summary.ts";

/*
 * `last-summary.json`, in the cache directory: {"format": 2, "summary": RunSummary}. The number
 * changes whenever a field of RunSummary, or of anything in it, changes its meaning.
 */
const format = 2;

/**
 * Keeps the summary for `--last-details`. It is replaced as a whole but not synced: a power cut may
 * cost it. `writer` sets concurrent runs apart; a process id will do. Throws what the operating
 * system reports.
 */
export function saveLastRun(directory: AbsolutePath, summary: RunSummary, writer: number): void {
  const path = resolvePath(directory, lastSummaryName);
  const aside = `${path}.${writer}.tmp` as AbsolutePath;
  try {
    writeFileSync(diskPath(aside), JSON.stringify({ format, summary }));
    renameSync(diskPath(aside), diskPath(path));
  } catch (error) {
    removeIfPresent(aside);
    throw error;
  }
}

/** Whether a summary is kept. */
export function hasLastRun(directory: AbsolutePath): boolean {
  return existsSync(diskPath(resolvePath(directory, lastSummaryName)));
}

/** What is kept of a run that is the same but for how long it took, which stands between the two. */
export function lastRunAround({
  durationMs: _,
  ...summary
}: RunSummary): readonly [string, string] {
  const steps = summary.steps.map((step) => ({ ...step, startMs: 0, endMs: 0 }));
  const rest = JSON.stringify({ ...summary, isRecalled: true, steps });
  return [`{"format":${format},"summary":{"durationMs":`, `,${rest.slice(1)}}`];
}

/** The summary kept last. Throws a UserError when there is none, or none that this vt can read. */
export function readLastRun(directory: AbsolutePath): RunSummary {
  const bytes = readIfPresent(resolvePath(directory, lastSummaryName));
  if (bytes === undefined) {
    throw new UserError("No previous run summary found. Run a task first to generate a summary.", {
      code: "no-last-run",
    });
  }
  const summary = parse(bytes.toString());
  if (summary === undefined) {
    throw new UserError(
      "Summary data was saved by a different version of vt. Run a task to replace it.",
      { code: "no-last-run" },
    );
  }
  return summary;
}

function parse(text: string): RunSummary | undefined {
  try {
    const file = JSON.parse(text) as { readonly format?: unknown; readonly summary?: RunSummary };
    return file.format === format ? file.summary : undefined;
  } catch {
    return undefined;
  }
}
