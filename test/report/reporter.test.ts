import { expect, test } from "bun:test";
import type { CacheStatus, OutputStream, StepOutcome } from "../../src/execute/event.ts";
import type { LogMode } from "../../src/execute/stdio.ts";
import type { Step } from "../../src/plan/step.ts";
import { createReporter, type ReporterOptions } from "../../src/report/reporter.ts";
import { sampleStep } from "../execute/sample-step.ts";

const off: CacheStatus = { kind: "off", reason: { kind: "task-config" } };
const miss: CacheStatus = { kind: "miss", reason: { kind: "not-found" } };
const hit: CacheStatus = { kind: "hit" };
const success: StepOutcome = { kind: "exited", code: 0, durationMs: 1 };

/** A reporter whose text is collected: all of it, and apart by stream. */
function rig(changes: Partial<ReporterOptions> = {}, colours: "on" | "off" = "off") {
  const text = { all: "", stdout: "", stderr: "", flushes: 0 };
  const terminal = {
    hasColours: { stdout: () => colours === "on", stderr: () => colours === "on" },
    write: (stream: OutputStream, part: string | Uint8Array) => {
      const piece = typeof part === "string" ? part : Buffer.from(part).toString();
      text.all += piece;
      text[stream] += piece;
    },
    flush: () => {
      text.flushes += 1;
    },
  };
  const reporter = createReporter({
    terminal,
    log: "interleaved",
    summary: "compact",
    now: () => 0,
    ...changes,
  });
  const { emit } = reporter;
  return {
    text,
    reporter,
    start: (step: Step, status: CacheStatus) => emit({ kind: "step-started", step, status }),
    print: (step: Step, output: string, stream: OutputStream = "stdout") =>
      emit({ kind: "output", step, stream, bytes: Buffer.from(output, "latin1") }),
    end: (step: Step, status: CacheStatus, outcome: StepOutcome = success) =>
      emit({ kind: "step-finished", step, status, outcome }),
    finish: () => emit({ kind: "run-finished", exitCode: 0, durationMs: 3 }),
  };
}

test("interleaved: the command line, the output, a line break", () => {
  const step = sampleStep("a", "build", "node w.mjs basic");
  const { text, start, print, end, finish } = rig();
  start(step, miss);
  print(step, "done basic\n");
  end(step, miss);
  finish();
  expect(text.all).toBe("~/packages/a$ node w.mjs basic\ndone basic\n\n");
});

test("interleaved: a hit says so and what it saved", () => {
  const step = sampleStep("a", "build", "node w.mjs basic");
  const { text, start, print, end, finish } = rig();
  start(step, hit);
  print(step, "done basic\n");
  end(step, hit, { kind: "replayed", savedMs: 33 });
  finish();
  expect(text.all).toBe(
    "~/packages/a$ node w.mjs basic ◉ cache hit, replaying\ndone basic\n\n---\nvt run: cache hit, 33ms saved.\n",
  );
  expect(text.flushes).toBe(1);
});

test("interleaved: steps one after another, and their summary", () => {
  const { text, start, print, end, finish } = rig();
  for (const name of ["a", "b"]) {
    const step = sampleStep(name, "ok", `echo ok-${name}`);
    start(step, off);
    print(step, `ok-${name}\n`);
    end(step, off);
  }
  finish();
  expect(text.all).toBe(`\
~/packages/a$ echo ok-a ⊘ cache disabled
ok-a

~/packages/b$ echo ok-b ⊘ cache disabled
ok-b

---
vt run: 2/2 successful. (Run \`vt run --last-details\` for full details)
`);
});

test("a miss gives its reason, and text is written before its process starts", () => {
  const step = sampleStep("", "tsc", "tsc");
  const { text, start } = rig();
  start(step, { kind: "miss", reason: { kind: "args-changed" } });
  expect(text.all).toBe("$ tsc ○ cache miss: args changed, executing\n");
  expect(text.flushes).toBe(1);
});

test("interleaved: output without a line break at its end is ended, not followed by an empty line", () => {
  const step = sampleStep("", "t", "t");
  const { text, start, print, end } = rig();
  start(step, off);
  print(step, "no break");
  end(step, off);
  expect(text.all).toBe("$ t ⊘ cache disabled\nno break\n");
});

test("interleaved: each stream keeps its own text", () => {
  const step = sampleStep("", "t", "t");
  const { text, start, print, end } = rig();
  start(step, off);
  print(step, "o\n");
  print(step, "e\n", "stderr");
  end(step, off);
  expect([text.stdout, text.stderr]).toEqual(["$ t ⊘ cache disabled\no\n\n", "e\n"]);
});

test("what kept a step from running, or ended it, stands below its output", () => {
  const step = sampleStep("", "t", "t");
  const unstarted = rig();
  unstarted.start(step, off);
  unstarted.end(step, off, { kind: "not-started", message: "Failed to start 't': gone" });
  expect(unstarted.text.all).toBe("$ t ⊘ cache disabled\n✗ Failed to start 't': gone\n\n");

  const killed = rig();
  killed.start(step, off);
  killed.print(step, "half a li");
  killed.end(step, off, { kind: "exited", code: 137, signal: "SIGKILL", durationMs: 1 });
  expect(killed.text.all).toBe("$ t ⊘ cache disabled\nhalf a li\n✗ ended by SIGKILL\n\n");
});

test("notes stand in their step's text, warnings on stderr", () => {
  const step = sampleStep("", "t", "t");
  const { text, reporter, start } = rig();
  start(step, hit);
  reporter.emit({ kind: "note", step, text: "'dist/a.js' had been edited; restored" });
  reporter.emit({ kind: "warning", text: "the cache is damaged" });
  expect(text.stdout).toBe("$ t ◉ cache hit, replaying\n'dist/a.js' had been edited; restored\n");
  expect(text.stderr).toBe("warning: the cache is damaged\n");
});

test("labeled: every line has its task in front, on its own stream", () => {
  const a = sampleStep("a", "t", "ta");
  const b = sampleStep("b", "t", "tb");
  const { text, start, print, end } = rig({ log: "labeled" });
  start(a, off);
  start(b, off);
  print(a, "one\ntw");
  print(b, "bee\n");
  print(a, "err\n", "stderr");
  print(a, "o\nrest");
  end(a, off);
  end(b, off);
  expect(text.stdout).toBe(`\
[a#t] ~/packages/a$ ta ⊘ cache disabled
[b#t] ~/packages/b$ tb ⊘ cache disabled
[a#t] one
[b#t] bee
[a#t] two
[a#t] rest


`);
  expect(text.stderr).toBe("[a#t] err\n");
});

test("grouped: command lines at once, output as one block at the end", () => {
  const { text, start, print, end, finish } = rig({ log: "grouped" });
  const a = sampleStep("a", "mix", "node t.mjs mix");
  const b = sampleStep("b", "mix", "node t.mjs mix");
  start(a, off);
  start(b, off);
  print(b, "o1\n");
  print(a, "o1\n");
  print(a, "e1\n", "stderr");
  print(b, "e1\n", "stderr");
  end(a, off);
  end(b, off);
  finish();
  expect(text.all).toBe(`\
[a#mix] ~/packages/a$ node t.mjs mix ⊘ cache disabled
[b#mix] ~/packages/b$ node t.mjs mix ⊘ cache disabled
── [a#mix] ──
o1
e1
── [b#mix] ──
o1
e1

---
vt run: 2/2 successful. (Run \`vt run --last-details\` for full details)
`);
  expect(text.stderr).toBe("e1\ne1\n");
});

test("grouped: a step without output has no block, a package without a name no # in its label", () => {
  const step = sampleStep("", "quiet", "true");
  const { text, start, end } = rig({ log: "grouped" });
  start(step, off);
  end(step, off);
  expect(text.all).toBe("[quiet] $ true ⊘ cache disabled\n");
});

test.each(["interleaved", "labeled", "grouped"] satisfies LogMode[])(
  "%s: without colours escape sequences go and every other byte stays",
  (log) => {
    const step = sampleStep("", "t", "t");
    const { text, start, print, end } = rig({ log });
    start(step, off);
    print(step, "\x1b[3");
    print(step, "1mred\x1b[0m\x07 \x1b[");
    end(step, off);
    expect(text.all).toContain("red\x07 \x1b[");
    expect(text.all).not.toContain("\x1b[31m");
  },
);

test("with colours everything a step prints is kept, and vt's own text has them too", () => {
  const step = sampleStep("", "t", "t");
  const { text, start, print } = rig({}, "on");
  start(step, hit);
  print(step, "\x1b[31mred");
  expect(text.all).toBe(
    "\x1b[34m$ t\x1b[39m \x1b[32m◉\x1b[39m \x1b[90mcache hit, replaying\x1b[39m\n\x1b[31mred",
  );
});

test("names from the workspace cannot control the terminal", () => {
  const step = sampleStep("a\x1b[2J", "t", "echo \x1b]0;x\x07");
  const { text, start } = rig({ log: "labeled" });
  start(step, off);
  expect(text.all).toBe(
    "[a\\x1b[2J#t] ~/packages/a\\x1b[2J$ echo \\x1b]0;x\\x07 ⊘ cache disabled\n",
  );
});

test("with -v the full summary stands in place of the short one", () => {
  const step = sampleStep("", "t", "t");
  const { text, start, end, finish } = rig({ summary: "full" });
  start(step, off);
  end(step, off);
  finish();
  expect(text.all).toContain("vt run • Execution Summary");
  expect(text.all).not.toContain("---\n");
});

test("the summary is there for keeping once the run has finished", () => {
  const step = sampleStep("", "t", "t");
  let now = 10;
  const { reporter, start, end, finish } = rig({ now: () => now });
  reporter.emit({ kind: "run-started", graph: { nodes: [], concurrency: 1 } });
  now = 12;
  start(step, off);
  now = 15;
  end(step, off);
  expect(reporter.summary()).toBeUndefined();
  finish();
  expect(reporter.summary()).toEqual({
    steps: [
      {
        task: step.task,
        commandText: "t",
        cwdText: "",
        status: off,
        outcome: success,
        startMs: 2,
        endMs: 5,
      },
    ],
    exitCode: 0,
    durationMs: 3,
  });
});

test("quiet: nothing of what ended well, all of what failed", () => {
  const [good, bad] = [sampleStep("a", "good", "good"), sampleStep("b", "bad", "bad now")];
  const { text, start, print, end, finish } = rig({ log: "quiet" });
  start(good, miss);
  start(bad, miss);
  print(good, "fine\n");
  print(bad, "out\n");
  print(bad, "wrong", "stderr");
  end(good, miss);
  end(bad, miss, { kind: "exited", code: 3, signal: "SIGTERM", durationMs: 1 });
  finish();
  expect(text.stderr).toBe("wrong");
  expect(text.all).toBe(
    "~/packages/b$ bad now\nout\nwrong\n✗ ended by SIGTERM\n\n---\nvt run: 0/2 cache hit (0%), 1/2 successful. b#bad failed with exit code 3. (Run `vt run --last-details` for full details)\n",
  );
});

test("quiet: of a long text the end is kept", () => {
  const step = sampleStep("a", "t", "t");
  const { text, start, print, end } = rig({ log: "quiet" });
  start(step, miss);
  print(step, "first\n");
  for (let count = 0; count < 17; count += 1) print(step, `${"x".repeat(1024 * 1024 - 1)}\n`);
  print(step, "last\n");
  end(step, miss, { kind: "exited", code: 1, durationMs: 1 });
  expect(text.all).toStartWith("~/packages/a$ t\n(the beginning of its text is left out)\nxxx");
  expect(text.all).toEndWith("x\nlast\n\n");
});
