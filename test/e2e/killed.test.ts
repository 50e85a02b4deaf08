// vt is killed in the middle of a run, so that it can clear up nothing itself.
import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { findProcess, guardianOf, stateOf } from "../harness/processes.ts";
import { patience } from "../harness/vt.ts";
import { waitFor } from "../harness/wait.ts";
import { processesIn } from "../harness/workspace.ts";
import { openSteered } from "./steered.ts";

setDefaultTimeout(patience);

const hasBusybox = Bun.which("busybox") !== null;
const needsBusybox = hasBusybox ? "" : " (needs busybox)";

test.skipIf(!hasBusybox).each([
  { what: "traced on demand", task: "family", trace: "auto" },
  { what: "under the filter as a whole", task: "family", trace: "full" },
  { what: "traced without a filter", task: "family", trace: "preload" },
  { what: "not traced", task: "family", trace: "off" },
  { what: "not cached", task: "family-uncached", trace: "auto" },
])(
  `when vt is killed, nothing is left of a task that is $what${needsBusybox}`,
  async ({ task, trace }) => {
    await using workspace = await openSteered();
    const vt = workspace.begin(task, trace);
    await workspace.reach("family", 4);
    vt.kill("SIGKILL");
    await vt.exited;
    await waitFor("its processes to end", () => processesIn(workspace.root).length === 0);
    await waitFor("its directories to go", () => leftIn(workspace.temporary).length === 0);
  },
);

test("when vt is killed, nothing is left of a task that was printing", async () => {
  await using workspace = await openSteered();
  const vt = workspace.begin("printing", "auto");
  await workspace.reach("printing");
  const [guardian, printing] = [guardianOf(vt.pid), findProcess(`sh\0printing.sh\0`)];
  if (guardian === undefined || printing === undefined) throw new Error("it does not run");
  process.kill(guardian, "SIGSTOP");
  vt.kill("SIGKILL");
  await vt.exited;
  // Nobody reads what it prints: it waits, or else it ends and what it started is found no more.
  await waitFor("the task to come to rest", () => (stateOf(printing) ?? "S") === "S");
  process.kill(guardian, "SIGCONT");
  await waitFor("its processes to end", () => processesIn(workspace.root).length === 0);
  await waitFor("its directories to go", () => leftIn(workspace.temporary).length === 0);
});

test.skipIf(!hasBusybox)(
  `when vt is killed, other tasks and other vt go on${needsBusybox}`,
  async () => {
    await using workspace = await openSteered();
    await using other = await openSteered();
    const vt = workspace.begin("family", "auto");
    const running = other.start("family");
    await workspace.reach("family", 4);
    await other.reach("family", 4);
    vt.kill("SIGKILL");
    await vt.exited;
    await waitFor("its processes to end", () => processesIn(workspace.root).length === 0);
    await other.pass("family");
    expect((await running).exitCode).toBe(0);
  },
);

function leftIn(directory: string): readonly string[] {
  return readdirSync(directory).filter((name) => name.startsWith("vt-"));
}
