import { expect, test } from "bun:test";
import type { CacheStatus, OutputStream, StepOutcome } from "../../src/execute/event.ts";
import { type CiSystem, findCiSystem } from "../../src/report/ci.ts";
import { createReporter, type ReporterOptions } from "../../src/report/reporter.ts";
import { sampleStep } from "../execute/sample-step.ts";

const miss: CacheStatus = { kind: "miss", reason: { kind: "not-found" } };
const success: StepOutcome = { kind: "exited", code: 0, durationMs: 1 };
const failure: StepOutcome = { kind: "exited", code: 3, durationMs: 1 };

test.each([
  [{}, undefined],
  [{ CI: "true" }, undefined],
  [{ GITHUB_ACTIONS: "true" }, "github"],
  [{ GITHUB_ACTIONS: "false" }, undefined],
  [{ GITLAB_CI: "true" }, "gitlab"],
  [{ BUILDKITE: "true" }, "buildkite"],
  [{ GITHUB_ACTIONS: "true", VP_RUN: "1" }, undefined],
] as const)("in %j the system is %p", (environment, system) => {
  expect(findCiSystem(environment)).toBe(system);
});

/** What is shown of two steps, of which the second fails; each prints on both streams. */
function logOf(ci: CiSystem, log: ReporterOptions["log"] = "grouped") {
  const text = { stdout: "", stderr: "" };
  let seconds = 1_700_000_000;
  const { emit } = createReporter({
    terminal: {
      hasColours: { stdout: () => false, stderr: () => false },
      write: (stream: OutputStream, part: string | Uint8Array) => {
        text[stream] += typeof part === "string" ? part : Buffer.from(part).toString();
      },
      flush: () => undefined,
    },
    log,
    ci,
    summary: "compact",
    now: () => seconds * 1000,
  });
  const [a, b] = [sampleStep("@x/a", "build", "a 50%"), sampleStep("b", "t:1,2", "b")];
  emit({ kind: "step-started", step: a, status: miss });
  emit({ kind: "step-started", step: b, status: miss });
  seconds += 5;
  for (const step of [a, b]) {
    const name = step === a ? "a" : "b";
    const print = (stream: OutputStream, line: string): void =>
      emit({ kind: "output", step, stream, bytes: Buffer.from(`${line}\n`) });
    print("stdout", `::warning file=${name}.ts::look`);
    print("stderr", `${name} on stderr`);
    emit({ kind: "step-finished", step, status: miss, outcome: step === a ? success : failure });
  }
  emit({ kind: "run-finished", exitCode: 3, durationMs: 5 });
  return text;
}

const counts = `vt run: 0/2 cache hit (0%), 1/2 successful. b#t:1,2 failed with exit code 3. (Run \`vt run --last-details\` for full details)`;

test("GitHub Actions: a group for each step, but for one that fails, which is also an error of the job", () => {
  expect(logOf("github")).toEqual({
    stdout: `\
::group::[@x/a#build] ~/packages/@x/a$ a 50%
::warning file=a.ts::look
a on stderr
::endgroup::
[b#t:1,2] ~/packages/b$ b
::warning file=b.ts::look
b on stderr

::error title=b#t%3A1%2C2::b#t:1,2 failed with exit code 3: b

---
${counts}
`,
    stderr: "",
  });
});

test("GitHub Actions, labeled: what is said to it has no label", () => {
  const { stdout } = logOf("github", "labeled");
  expect(stdout).toContain("\n::warning file=a.ts::look\n");
  expect(stdout).toContain("\n::error title=");
  expect(logOf("gitlab", "labeled").stdout).toContain("[@x/a#build] ::warning");
});

test("GitLab: a section for each step, folded if it ended well", () => {
  expect(logOf("gitlab").stdout).toBe(`\
\x1b[0Ksection_start:1700000000:vt_0__x_a_build[collapsed=true]\r\x1b[0K[@x/a#build] ~/packages/@x/a$ a 50%
::warning file=a.ts::look
a on stderr
\x1b[0Ksection_end:1700000005:vt_0__x_a_build\r\x1b[0K
\x1b[0Ksection_start:1700000000:vt_1_b_t_1_2\r\x1b[0K[b#t:1,2] ~/packages/b$ b
::warning file=b.ts::look
b on stderr
\x1b[0Ksection_end:1700000005:vt_1_b_t_1_2\r\x1b[0K

---
${counts}
`);
});

test("Buildkite: a section for each step and one for the summary, open where one has to look", () => {
  expect(logOf("buildkite").stdout).toBe(`\
--- [@x/a#build] ~/packages/@x/a$ a 50%
::warning file=a.ts::look
a on stderr
+++ [b#t:1,2] ~/packages/b$ b
::warning file=b.ts::look
b on stderr
+++ Summary
---
${counts}
`);
});

test("a step that is alone is shown as it goes, by itself", () => {
  const written: string[] = [];
  const { emit } = createReporter({
    terminal: {
      hasColours: { stdout: () => false, stderr: () => false },
      write: (_stream: OutputStream, part: string | Uint8Array) => {
        written.push(Buffer.from(part).toString());
      },
      flush: () => undefined,
    },
    log: "sections",
    ci: "github",
    summary: "compact",
    now: () => 0,
  });
  const step = sampleStep("a", "build", "a");
  const node = { task: step.task, items: [{ kind: "step", step }], dependencies: [] } as const;
  emit({ kind: "run-started", graph: { nodes: [node], concurrency: 4 } });
  emit({ kind: "step-started", step, status: miss });
  emit({ kind: "output", step, stream: "stdout", bytes: Buffer.from("half") });
  expect(written.join("")).toBe("~/packages/a$ a\nhalf");
});
