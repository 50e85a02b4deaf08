import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { UserError } from "../../src/base/error.ts";
import { absolutePath, workspacePath } from "../../src/base/path.ts";
import { readLastRun, saveLastRun } from "../../src/report/last-run.ts";
import type { RunSummary } from "../../src/report/summary.ts";

const summary: RunSummary = {
  steps: [
    {
      task: { packagePath: workspacePath("packages/\udcff"), packageName: "a", task: "t" },
      commandText: "node x",
      cwdText: "packages/\udcff",
      status: { kind: "miss", reason: { kind: "env-changed", names: ["A"] } },
      outcome: { kind: "exited", code: 3, durationMs: 1.5 },
      startMs: 1,
      endMs: 3,
    },
  ],
  exitCode: 3,
  interruptedBy: "SIGINT",
  durationMs: 4,
};

function temporaryDirectory() {
  const path = absolutePath(mkdtempSync(`${tmpdir()}/vt-last-run-`));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

function failure(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

test("of a summary that cannot be kept nothing stays behind", () => {
  using directory = temporaryDirectory();
  mkdirSync(`${directory.path}/last-summary.json`);
  expect(failure(() => saveLastRun(directory.path, summary, 7))).toHaveProperty("code", "EISDIR");
  expect(readdirSync(directory.path)).toEqual(["last-summary.json"]);
});

test("what was kept last comes back, and nothing else stays behind", () => {
  using directory = temporaryDirectory();
  saveLastRun(directory.path, { ...summary, exitCode: 1 }, 7);
  saveLastRun(directory.path, summary, 7);
  expect(readLastRun(directory.path)).toEqual(summary);
  expect(readdirSync(directory.path)).toEqual(["last-summary.json"]);
});

test("without an earlier run there is an error that says so", () => {
  using directory = temporaryDirectory();
  const error = failure(() => readLastRun(directory.path));
  expect(error).toBeInstanceOf(UserError);
  expect(error).toHaveProperty(
    "message",
    "No previous run summary found. Run a task first to generate a summary.",
  );
});

test.each(["", "{", "null", "[]", '{"format":0,"summary":{}}'])(
  "a file with the content %j counts as one of another version",
  (content) => {
    using directory = temporaryDirectory();
    writeFileSync(`${directory.path}/last-summary.json`, content);
    const error = failure(() => readLastRun(directory.path));
    expect(error).toBeInstanceOf(UserError);
    expect(error).toHaveProperty(
      "message",
      "Summary data was saved by a different version of vt. Run a task to replace it.",
    );
  },
);
