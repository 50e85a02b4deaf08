import { expect, test } from "bun:test";
import { plain } from "../../src/base/ansi.ts";
import { workspacePath } from "../../src/base/path.ts";
import type { MissReason } from "../../src/cache/miss.ts";
import type { SkipReason } from "../../src/cache/skip.ts";
import type { CacheStatus, StepOutcome } from "../../src/execute/event.ts";
import { describeDetails } from "../../src/report/details-text.ts";
import { adviseOnMiss } from "../../src/report/miss-advice.ts";
import type { RunSummary, StepSummary } from "../../src/report/summary.ts";
import { describeSummary } from "../../src/report/summary-text.ts";

const hit: CacheStatus = { kind: "hit" };
const miss: CacheStatus = { kind: "miss", reason: { kind: "not-found" } };
const off: CacheStatus = { kind: "off", reason: { kind: "built-in" } };
const exited = (code: number): StepOutcome => ({ kind: "exited", code, durationMs: 5 });
const replayed = (savedMs: number): StepOutcome => ({ kind: "replayed", savedMs });
const stored: StepOutcome = {
  kind: "exited",
  code: 0,
  durationMs: 5,
  store: { kind: "stored" },
};
const skipped = (reason: SkipReason): StepOutcome => ({
  kind: "exited",
  code: 0,
  durationMs: 5,
  store: { kind: "not-stored", reason },
});
const overlap = skipped({ kind: "overlap", path: workspacePath("packages/b/rw.txt") });

function step(
  name: string,
  status: CacheStatus,
  outcome: StepOutcome,
  commandText = "node -e 1",
): StepSummary {
  const [packageName = "", task = ""] = name.split("#");
  const packagePath = workspacePath(`packages/${packageName}`);
  return {
    task: { packagePath, packageName, task },
    commandText,
    cwdText: packagePath,
    status,
    outcome,
    startMs: 0,
    endMs: 5,
  };
}

function tasks(names: string): readonly StepSummary["task"][] {
  return names.split(" ").map((name) => step(name, off, exited(0)).task);
}

function run(...steps: readonly StepSummary[]): RunSummary {
  return { steps, exitCode: 0, durationMs: 10 };
}

const details = " (Run `vt run --last-details` for full details)";

const compact: readonly (readonly [rule: string, RunSummary, text: string])[] = [
  ["no step: nothing", run(), ""],
  ["one step that ran: nothing", run(step("a#x", miss, exited(0))), ""],
  ["one step that failed: nothing", run(step("a#x", off, exited(3))), ""],
  ["one hit: what it saved", run(step("a#x", hit, replayed(82))), "cache hit, 82ms saved."],
  [
    "nothing cacheable: no word of the cache",
    run(step("a#x", off, exited(0)), step("b#x", off, exited(0))),
    `2/2 successful.${details}`,
  ],
  [
    "hits count among cached steps, success among all, and percents are truncated",
    run(
      step("a#x", hit, replayed(1000)),
      step("b#x", hit, replayed(500)),
      step("c#x", miss, exited(0)),
      step("d#x", off, exited(0)),
    ),
    `2/3 cache hit (66%), 4/4 successful, 1.50s saved.${details}`,
  ],
  [
    "no hit: nothing saved",
    run(step("a#x", miss, exited(0)), step("b#x", miss, exited(0))),
    `0/2 cache hit (0%), 2/2 successful.${details}`,
  ],
  [
    "failures are named, and what was stopped for them",
    run(step("a#x", off, exited(5)), step("b#x", off, { kind: "cancelled" })),
    `0/2 successful, 1 stopped. a#x failed with exit code 5. Stopped: b#x.${details}`,
  ],
  [
    "what could not start is named",
    run(step("a#x", off, exited(0)), step("b#x", off, { kind: "not-started", message: "no" })),
    `1/2 successful. b#x could not be started.${details}`,
  ],
  [
    "what was left out is named, also when a single step has run",
    { ...run(step("a#x", off, exited(5))), leftOut: tasks("b#x") },
    `0/1 successful. a#x failed with exit code 5. Not run: b#x.${details}`,
  ],
  [
    "of many tasks that were left out the first are named",
    { ...run(step("a#x", off, exited(5))), leftOut: tasks("b#x c#x d#x e#x f#x g#x h#x") },
    `0/1 successful. a#x failed with exit code 5. Not run: b#x, c#x, d#x, e#x, f#x and 2 more.${details}`,
  ],
  [
    "a single overlap",
    run(step("a#rw", miss, overlap)),
    `a#rw not cached because it modified its inputs.${details}`,
  ],
  [
    "an overlap among others",
    run(step("a#x", hit, replayed(5)), step("a#rw", miss, overlap)),
    `1/2 cache hit (50%), 2/2 successful, 5ms saved. a#rw not cached because it modified its inputs.${details}`,
  ],
  [
    "several overlaps",
    run(step("b#m", miss, overlap), step("c#m", miss, overlap)),
    `0/2 cache hit (0%), 2/2 successful. b#m (and 1 more) not cached because they modified their inputs.${details}`,
  ],
  [
    "other reasons for not storing",
    run(
      step("a#x", miss, skipped({ kind: "input-changed", path: workspacePath("f") })),
      step("b#x", miss, skipped({ kind: "text-too-large" })),
      step("c#x", miss, skipped({ kind: "declared-uncacheable" })),
    ),
    `0/3 cache hit (0%), 3/3 successful. a#x not cached because 'f' changed while the task ran. 1 more not cached.${details}`,
  ],
  [
    "an interrupted run",
    {
      ...run(
        step("a#x", off, exited(0)),
        step("b#x", off, exited(3)),
        step("c#x", off, { kind: "cancelled" }),
      ),
      interruptedBy: "SIGINT",
    },
    `1/3 successful, 1 interrupted. Interrupted by SIGINT. b#x failed with exit code 3. Interrupted: c#x.${details}`,
  ],
  [
    "a single step that had the terminal, and Ctrl-C: nothing",
    { ...run(step("a#x", off, { kind: "cancelled" })), interruptedBy: "SIGINT" },
    "",
  ],
  [
    "a single step that is cached, and Ctrl-C",
    { ...run(step("a#x", miss, { kind: "cancelled" })), interruptedBy: "SIGINT" },
    `Interrupted by SIGINT.${details}`,
  ],
  [
    "a single step that something else than Ctrl-C has ended",
    { ...run(step("a#x", off, { kind: "cancelled" })), interruptedBy: "SIGTERM" },
    `Interrupted by SIGTERM.${details}`,
  ],
];

test.each(compact)("compact summary: %s", (_rule, summary, text) => {
  expect(describeSummary(summary, plain)).toBe(text === "" ? "" : `---\nvt run: ${text}\n`);
});

test("what failed is told again with its last lines, unless they stand right above", () => {
  const a = { ...step("a#x", off, exited(5)), lastLines: ["one", "two"] };
  const b = { ...step("b#x", off, exited(6)), lastLines: ["three"] };
  const counts = `vt run: 0/2 successful. a#x failed with exit code 5. b#x failed with exit code 6.`;
  expect(describeSummary(run(a, b), plain, b)).toBe(`\
---
✗ a#x: ~/packages/a$ node -e 1
    one
    two

${counts}${details}
`);
  const interrupted = { ...run(a, b), interruptedBy: "SIGINT" };
  expect(describeSummary(interrupted, plain)).not.toContain("one");
});

test("the full summary has the last lines of what failed, what did not run, and how to cache scripts", () => {
  const workspaceOff: CacheStatus = { kind: "off", reason: { kind: "workspace-config" } };
  const summary: RunSummary = {
    ...run({ ...step("a#x", workspaceOff, exited(5)), lastLines: ["one", "", "two"] }),
    leftOut: tasks("b#x c#x"),
  };
  const text = describeDetails(summary, plain);
  expect(text.slice(text.indexOf("  [1]"))).toBe(`\
  [1] a#x: ~/packages/a$ node -e 1 ✗ (exit code: 5)
      → Cache disabled in workspace configuration
      │ one
      │
      │ two
────────────────────────────────────────────────
Not run:
  b#x
  c#x
────────────────────────────────────────────────
To cache tasks and scripts: { "cache": true } in the vite-task.json of the root, or --cache for one run.
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
`);
});

const missAdvice: readonly (readonly [MissReason, string])[] = [
  [{ kind: "input-changed", change: { kind: "modified", path: workspacePath("f") } }, ""],
  [
    { kind: "env-changed", names: ["A", "B"] },
    'If results do not depend on them, take them out of "env", and write: "untrackedEnv": ["A", "B"]',
  ],
  [
    { kind: "tool-env-changed", name: "A", change: "changed" },
    'If results do not depend on it, take it out of "env", and write: "untrackedEnv": ["A"]',
  ],
  [
    { kind: "last-run-not-stored", reason: { kind: "wrote-outside", path: "/x" } },
    'What a tool writes when it is first run there keeps only that run out. If writing there is what the task is for: "cache": false',
  ],
];

test.each(missAdvice)("for %j the advice is %p", (reason, expected) => {
  const advice = adviseOnMiss(reason, workspacePath("a"));
  expect([advice?.text, ...(advice?.settings ?? [])].join(" ")).toBe(expected);
});

test("what is said of a result that was not stored is not said of the miss before it as well", () => {
  const status: CacheStatus = {
    kind: "miss",
    reason: { kind: "last-run-not-stored", reason: { kind: "run-twice" } },
  };
  const summary = run(step("a#x", status, skipped({ kind: "run-twice" })));
  expect(describeDetails(summary, plain).split("The next run is stored.")).toHaveLength(2);
});

test("of a run that was stored nothing is advised about the one before, which was not", () => {
  const reason: SkipReason = { kind: "overlap", path: workspacePath("packages/b/rw.txt") };
  const status: CacheStatus = { kind: "miss", reason: { kind: "last-run-not-stored", reason } };
  const text = describeDetails(run(step("b#m", status, stored)), plain);
  expect(text).toContain("→ Cache miss: last run not stored: the task read and wrote");
  expect(text).not.toContain('"output"');
});

test("the full summary tells of every step", () => {
  const summary = run(
    step("b#m", hit, replayed(87)),
    step("b#m", off, exited(0), "echo hi"),
    step("b#m", miss, exited(2), "node -e 'process.exit(2)'"),
  );
  expect(describeDetails(summary, plain)).toBe(`
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
    vt run • Execution Summary
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━

Statistics:   3 steps of 1 task • 1 cache hit • 1 cache miss • 1 cache disabled • 1 failed
Performance:  50% cache hit rate, 87ms saved in total

Task Details:
────────────────────────────────────────────────
  [1] b#m: ~/packages/b$ node -e 1 ✓
      → Cache hit - output replayed - 87ms saved
  ·······················································
  [2] b#m: ~/packages/b$ echo hi ✓
      → Cache disabled for built-in command
  ·······················································
  [3] b#m: ~/packages/b$ node -e 'process.exit(2)' ✗ (exit code: 2)
      → Cache miss: no previous cache entry found
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
`);
});

test("the full summary gives reasons, advice, and what else happened", () => {
  const changed: CacheStatus = {
    kind: "miss",
    reason: { kind: "input-changed", change: { kind: "modified", path: workspacePath("f") } },
  };
  const summary: RunSummary = {
    ...run(
      step("b#m", changed, overlap),
      step("b#m", miss, { kind: "not-started", message: "Failed to start 'x': gone" }),
      step("b#m", miss, { kind: "exited", code: 137, signal: "SIGKILL", durationMs: 1 }),
      step("b#m", { kind: "off", reason: { kind: "task-config" } }, { kind: "cancelled" }),
    ),
    interruptedBy: "SIGTERM",
  };
  const text = describeDetails(summary, plain);
  expect(text.slice(text.indexOf("Statistics"))).toBe(`\
Statistics:   4 steps of 1 task • 0 cache hits • 3 cache misses • 1 cache disabled • 2 failed • 1 interrupted
Performance:  0% cache hit rate
Interrupted:  SIGTERM

Task Details:
────────────────────────────────────────────────
  [1] b#m: ~/packages/b$ node -e 1 ✓
      → Cache miss: 'f' modified
      → Not cached: the task read and wrote 'packages/b/rw.txt'
        If the task itself makes it, delete it once. Of a source that it rewrites, as a formatter does, a run that changes nothing is stored; to store the others, too:
          "output": [{ "auto": true }, "!rw.txt"]
  ·······················································
  [2] b#m: ~/packages/b$ node -e 1 ✗
      → Cache miss: no previous cache entry found
      ✗ Error: Failed to start 'x': gone
  ·······················································
  [3] b#m: ~/packages/b$ node -e 1 ✗ (exit code: 137, SIGKILL)
      → Cache miss: no previous cache entry found
  ·······················································
  [4] b#m: ~/packages/b$ node -e 1 ✗ (interrupted)
      → Cache disabled in task configuration
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
`);
});

test("a run without cached steps says so", () => {
  const text = describeDetails(run(step("a#x", off, exited(0))), plain);
  expect(text).toContain(
    "Statistics:   1 task • 0 cache hits • 0 cache misses • 1 cache disabled\n",
  );
  expect(text).toContain("Performance:  no task has caching enabled\n");
});
