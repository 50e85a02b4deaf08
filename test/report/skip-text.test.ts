import { expect, test } from "bun:test";
import { workspacePath } from "../../src/base/path.ts";
import type { SkipReason } from "../../src/cache/skip.ts";
import { adviseOnSkip } from "../../src/report/skip-advice.ts";
import { describeSkip, isNoteworthySkip } from "../../src/report/skip-text.ts";

const path = workspacePath("packages/a/f");

const cases: readonly (readonly [SkipReason, string])[] = [
  [{ kind: "declared-uncacheable" }, "the task opted out of caching"],
  [{ kind: "cancelled" }, "the task was stopped after another one had failed"],
  [{ kind: "interrupted" }, "the run was interrupted"],
  [{ kind: "nonzero-exit" }, "the task failed"],
  [{ kind: "nonzero-exit", code: 3 }, "the task failed with exit code 3"],
  [{ kind: "timed-out", limitMs: 2000 }, "the task took longer than 2s"],
  [
    { kind: "tool-message-invalid", detail: 'invalid glob pattern from the task: "["' },
    'task communication failed: invalid glob pattern from the task: "["',
  ],
  [
    { kind: "trace-incomplete", reason: { kind: "channel-full" } },
    "this task used more files than automatic tracking can record",
  ],
  [
    { kind: "trace-incomplete", reason: { kind: "filter-refused", detail: "EBUSY" } },
    "the system refused to track files: EBUSY",
  ],
  [
    { kind: "trace-incomplete", reason: { kind: "listener-lost" } },
    "file tracking ended before the task did",
  ],
  [
    { kind: "trace-incomplete", reason: { kind: "foreign-architecture", program: "qemu" } },
    "'qemu' calls the system as another processor does and cannot be tracked",
  ],
  [
    { kind: "trace-incomplete", reason: { kind: "privileged-program", program: "sudo" } },
    "'sudo' runs with privileges of its own and cannot be tracked",
  ],
  [
    { kind: "trace-incomplete", reason: { kind: "unreadable-memory" } },
    "a path could not be read from the memory of the task",
  ],
  [
    { kind: "trace-incomplete", reason: { kind: "untraced-program", program: "tool" } },
    "'tool' cannot be tracked",
  ],
  [
    { kind: "trace-incomplete", reason: { kind: "damaged-record" } },
    "the record of the files it used is damaged",
  ],
  [{ kind: "trace-unavailable", detail: "no memory" }, "files cannot be tracked here: no memory"],
  [
    { kind: "process-left-behind", name: "gradle", pid: 12 },
    "'gradle' (process 12) still ran when the task had ended",
  ],
  [
    { kind: "process-left-behind", name: "unknown", pid: 0 },
    "a process still ran when the task had ended",
  ],
  [{ kind: "nested-run" }, "the task started a `vt run` from which nothing was heard"],
  [{ kind: "part-replayed" }, "it was one with a step that came from the cache"],
  [{ kind: "input-changed", path }, "'packages/a/f' changed while the task ran"],
  [
    { kind: "input-changed", path, by: "b#gen" },
    "'packages/a/f' was changed by b#gen while the task ran",
  ],
  [{ kind: "input-unreadable", path }, "input 'packages/a/f' could not be read"],
  [{ kind: "overlap", path }, "the task read and wrote 'packages/a/f'"],
  [
    { kind: "link-changed", path },
    "the task went through the link 'packages/a/f' and then moved, replaced or removed it",
  ],
  [{ kind: "removed-foreign", path }, "the task removed 'packages/a/f', which it had not made"],
  [
    { kind: "link-outside", path: "/x" },
    "the task may have reached the workspace through its link '/x'",
  ],
  [{ kind: "wrote-outside", path: "/x" }, "the task wrote outside the workspace: '/x'"],
  [{ kind: "written-by-another", path, by: "b#gen" }, "b#gen writes 'packages/a/f' too"],
  [
    { kind: "output-unsupported", path, what: "a link to an absolute path" },
    "output 'packages/a/f' cannot be stored: it is a link to an absolute path",
  ],
  [{ kind: "output-changed", path }, "output 'packages/a/f' changed after the task had ended"],
  [{ kind: "output-too-large", path }, "output 'packages/a/f' is larger than 4 GiB"],
  [{ kind: "too-many-outputs", count: 200_001 }, "the task has 200001 outputs, more than 200000"],
  [{ kind: "text-too-large" }, "the task printed more than 256 MiB"],
  [{ kind: "cache-read-only" }, "the cache is read-only"],
  [
    { kind: "cache-trouble", detail: "no space left" },
    "the cache could not be written: no space left",
  ],
];

test.each(cases)("%j reads as %p", (reason, expected) => {
  expect(describeSkip(reason)).toBe(expected);
});

test("control characters in what others say are escaped", () => {
  const reason: SkipReason = { kind: "cache-trouble", detail: "a\x1b[2Jb" };
  expect(describeSkip(reason)).toBe("the cache could not be written: a\\x1b[2Jb");
});

test("of an overlap is told that it may end by itself, and how to dissolve it, by a pattern relative to the package", () => {
  expect(adviseOnSkip({ kind: "overlap", path }, workspacePath("packages/a"))).toEqual({
    text: "If the task itself makes it, delete it once. Of a source that it rewrites, as a formatter does, a run that changes nothing is stored; to store the others, too:",
    settings: ['"output": [{ "auto": true }, "!f"]'],
  });
});

test.each([
  ["packages/a/[id].ts", "packages/a", '"!\\\\[id\\\\].ts"'],
  ["x.txt", "", '"!x.txt"'],
  ["x.txt", "packages/a", '{ "pattern": "!x.txt", "base": "workspace" }'],
  ["packages/ab/x", "packages/a", '{ "pattern": "!packages/ab/x", "base": "workspace" }'],
])("the pattern for %s in the package '%s' is %s", (file, packagePath, pattern) => {
  const reason: SkipReason = { kind: "output-too-large", path: workspacePath(file) };
  expect(adviseOnSkip(reason, workspacePath(packagePath))?.settings).toEqual([
    `"output": [{ "auto": true }, ${pattern}]`,
  ]);
});

const advice: readonly (readonly [SkipReason, string])[] = [
  [{ kind: "input-changed", path }, '"input": [{ "auto": true }, "!packages/a/f"]'],
  [{ kind: "input-changed", path, by: "b#gen" }, '"dependsOn": ["b#gen"]'],
  [{ kind: "written-by-another", path, by: "b#gen" }, '"dependsOn": ["b#gen"]'],
  [{ kind: "input-unreadable", path }, '"input": [{ "auto": true }, "!packages/a/f"]'],
  [
    { kind: "trace-unavailable", detail: "no memory" },
    '"input": ["src/**"], "output": ["dist/**"]',
  ],
  [{ kind: "output-changed", path }, "Let the command wait for what still writes it."],
  [{ kind: "removed-foreign", path }, '"cache": false'],
  [{ kind: "wrote-outside", path: "/x" }, '"cache": false'],
  [{ kind: "process-left-behind", name: "gradle", pid: 12 }, '"cache": false'],
  [{ kind: "too-many-outputs", count: 200_001 }, '"output": ["dist/**"]'],
  [{ kind: "text-too-large" }, '"cache": false'],
  [{ kind: "run-twice" }, "The next run is stored."],
  [{ kind: "part-replayed" }, "The next run is stored."],
];

test.each(advice)("for %j the advice ends in %p", (reason, expected) => {
  const given = adviseOnSkip(reason, workspacePath(""));
  expect(given?.settings?.at(-1) ?? given?.text).toBe(expected);
});

test("of a change that nobody could have named in a configuration nothing is advised", () => {
  expect(adviseOnSkip({ kind: "input-changed", path: "/elsewhere/f" }, path)).toBeUndefined();
});

test("a name that no configuration can hold gets no advice", () => {
  const reason: SkipReason = { kind: "overlap", path: workspacePath("\udcff") };
  expect(adviseOnSkip(reason, workspacePath(""))).toBeUndefined();
});

test("what task or person brought about on purpose is no news", () => {
  const quiet = cases.map(([reason]) => reason).filter((reason) => !isNoteworthySkip(reason));
  expect([...new Set(quiet.map(({ kind }) => kind))]).toEqual([
    "declared-uncacheable",
    "cancelled",
    "interrupted",
    "nonzero-exit",
    "timed-out",
    "cache-read-only",
  ]);
});
