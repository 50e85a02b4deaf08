// Ctrl-C in a real terminal, at several moments, on several kinds of tasks. Whatever it meets, nothing is
// left: no process, no setting of the terminal, nothing half-written in the cache.
import { expect, setDefaultTimeout, test } from "bun:test";
import type { VtTerminal } from "../../harness/pty.ts";
import { patience, runVt } from "../../harness/vt.ts";
import { repeat, waitFor } from "../../harness/wait.ts";
import { processesIn } from "../../harness/workspace.ts";
import { expectTidy, inShell, openStage } from "./stage.ts";

setDefaultTimeout(patience);

const kinds = [
  { kind: "cached", task: "hold" },
  { kind: "that has the terminal", task: "hold-uncached" },
  { kind: "with children of all kinds", task: "family" },
  { kind: "that does not listen", task: "deaf" },
] as const;

const moments = [
  { moment: "has just begun", args: [], sign: ".sh app" },
  { moment: "is running", args: [], sign: "app begins" },
  { moment: "runs beside another", args: ["-r", "--parallel"], sign: "app begins" },
  { moment: "runs after another", args: ["-r", "--concurrency-limit", "1"], sign: "app begins" },
  { moment: "is about to end", args: [], sign: "app begins" },
] as const;

const cases = kinds.flatMap((kind) => moments.map((moment) => ({ ...kind, ...moment })));

/** Presses Ctrl-C until vt is about to end. */
async function interrupt(vt: VtTerminal): Promise<void> {
  const end = vt.until("its end", (screen) => screen.includes("exit "));
  await repeat(() => vt.type("\x03"), end);
  await vt.ended();
}

test.each(cases)(
  "Ctrl-C leaves nothing of a task $kind that $moment",
  async ({ task, moment, args, sign }) => {
    await using stage = await openStage();
    await using vt = stage.open(["run", ...args, args.length > 0 ? task : `app#${task}`], {
      under: inShell,
    });
    if (moment === "runs after another") await stage.pass("lib");
    await vt.until(sign, (screen) => screen.includes(sign));
    if (moment === "is about to end") await stage.pass("app");
    await interrupt(vt);
    const exit = /exit \d+/.exec(vt.screen().join("\n"))?.[0];
    // It may have been faster than the key.
    if (moment === "is about to end") expect(["exit 0", "exit 130"]).toContain(exit ?? "");
    else expect(exit).toBe("exit 130");
    expectTidy(vt);
    expect(processesIn(stage.root)).toEqual([]);
    if (exit !== "exit 130") return;
    await stage.pass("app");
    await stage.pass("lib");
    const again = await runVt(stage, ["run", `app#${task}`], { environment: stage.environment });
    expect(again.exitCode).toBe(0);
    expect(again.text).toContain("app ends");
    expect(again.text).not.toContain("cache hit");
  },
);

test("a step that had ended before is kept, and what followed it is run anew", async () => {
  await using stage = await openStage();
  await using vt = stage.open(["run", "app#after-hello"], { under: inShell });
  await vt.until("its second step", (screen) => screen.includes("app begins"));
  await interrupt(vt);
  expectTidy(vt);
  await stage.pass("app");
  const again = await runVt(stage, ["run", "app#after-hello"], { environment: stage.environment });
  expect(again.text).toMatch(
    /hello\.sh ◉ cache hit, replaying\nhello\n\n.*hold\.sh app ○ cache miss: last run not stored: the run was interrupted, executing\n/,
  );
});

test.each(kinds)("a window that is closed leaves nothing of a task $kind", async ({ task }) => {
  await using stage = await openStage();
  await using vt = stage.open(["run", `app#${task}`]);
  await vt.until("it to run", (screen) => screen.includes("app begins"));
  vt.close();
  expect(await vt.process.exited).toBe(129);
  expect(processesIn(stage.root)).toEqual([]);
});

test.each(kinds)("kill -9 of vt leaves nothing of a task $kind in a terminal", async ({ task }) => {
  await using stage = await openStage();
  await using vt = stage.open(["run", `app#${task}`]);
  const count = task === "family" ? 4 : 1;
  await vt.until("all of it to run", (screen) => screen.split("app begins").length > count);
  vt.process.kill("SIGKILL");
  await vt.process.exited;
  await waitFor("its processes to end", () => processesIn(stage.root).length === 0);
});
