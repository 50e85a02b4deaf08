import { expect, test } from "bun:test";
import { resolvePath, workspacePath } from "../../src/base/path.ts";
import type { CacheStatus, StepOutcome } from "../../src/execute/event.ts";
import { appendStepSummary } from "../../src/report/step-summary.ts";
import type { RunSummary, StepSummary } from "../../src/report/summary.ts";
import { sampleStep } from "../execute/sample-step.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

const hit: CacheStatus = { kind: "hit" };
const miss: CacheStatus = {
  kind: "miss",
  reason: { kind: "input-changed", change: { kind: "modified", path: workspacePath("a|b.ts") } },
};
const off: CacheStatus = { kind: "off", reason: { kind: "task-config" } };
const exited = (code: number): StepOutcome => ({ kind: "exited", code, durationMs: 5 });

/** What is on the page when the run has been added to it. */
async function pageOf(summary: RunSummary): Promise<string> {
  await using directory = await temporaryDirectory();
  const path = resolvePath(directory.path, "summary.md");
  await Bun.write(path, "before\n");
  expect(appendStepSummary(path, summary)).toBeUndefined();
  const [, added = ""] = (await Bun.file(path).text()).split("before\n");
  return added;
}

function step(
  name: string,
  commandText: string,
  status: CacheStatus,
  outcome: StepOutcome,
): StepSummary {
  const { task, cwdText } = sampleStep(name, "t", commandText);
  return { task, cwdText, commandText, status, outcome, startMs: 10, endMs: 1510 };
}

test("the page of a job has a table of what ran, what did not, and the end of what failed", async () => {
  const summary: RunSummary = {
    steps: [
      step("a", "tsc", hit, { kind: "replayed", savedMs: 82 }),
      step("b", "x | y && `z` <b> *c*", miss, exited(0)),
      { ...step("c", "c", off, exited(3)), lastLines: ["<script>", "**oh**"] },
      step("d", "d", off, { kind: "cancelled" }),
    ],
    leftOut: [sampleStep("e", "t", "").task],
    exitCode: 3,
    durationMs: 2000,
  };
  expect(await pageOf(summary)).toBe(
    `\
### vt run: 2/4 successful, 1/2 cache hit (50%), 82ms saved, took 2s

| Task | Result | Cache | Time |
| --- | --- | --- | --- |
| <code>a#t</code><br><code>~/packages/a$ tsc</code> | ✅ replayed | hit, 82ms saved | 1.50s |
| <code>b#t</code><br><code>&#126;/packages/b$ x &#124; y && &#96;z&#96; &lt;b&gt; &#42;c&#42;</code> | ✅ | miss: 'a&#124;b.ts' modified | 1.50s |
| <code>c#t</code><br><code>~/packages/c$ c</code> | ❌ failed with exit code 3 | disabled in task configuration | 1.50s |
| <code>d#t</code><br><code>~/packages/d$ d</code> | ⏹️ stopped | disabled in task configuration | 1.50s |

Not run: <code>e#t</code>

<code>c#t</code> ended with

<pre>&lt;script&gt;
&#42;&#42;oh&#42;&#42;</pre>

`
      .replaceAll("~", "&#126;")
      .replace(" && &#96;", " &amp;&amp; &#96;"),
  );
});

test("of very many steps those that failed are shown in any case", async () => {
  const steps = Array.from({ length: 600 }, (_, index) =>
    step(`p${index}`, "x", off, exited(index === 599 ? 1 : 0)),
  );
  const text = await pageOf({ steps, exitCode: 1, durationMs: 1 });
  expect(text.match(/^\| <code>/gm)).toHaveLength(500);
  expect(text).toContain("<code>p599#t</code>");
  expect(text).toContain("\n100 more ran.\n");
});
