// What a hit costs for each file that its step has read, in counts: times depend on the machine, these do not.
import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { patience, runVt } from "../harness/vt.ts";
import { copyWorkspace, type Workspace } from "../harness/workspace.ts";

setDefaultTimeout(patience);

const [few, many] = [500, 2500];

test.skipIf(Bun.which("strace") === null)(
  "a touched file among touched ones is opened, read and closed, and looked at once (needs strace)",
  async () => {
    const calls = ["openat", "read", "close", "fstat", "newfstatat"];
    const touch = async ({ root }: Workspace, file: string): Promise<void> =>
      await utimes(join(root, "packages/p", file), 1, 1);
    const costs = [await countCalls(few, touch), await countCalls(many, touch)];
    const perFile = costsPerFile(costs, calls);
    // The first files of each thread are looked at before they are opened.
    expect(perFile, JSON.stringify(costs)).toBeLessThanOrEqual(4.2);
  },
);

test.skipIf(Bun.which("strace") === null)(
  "what is kept of a look-up is read once from the database (needs strace)",
  async () => {
    const keep = async (): Promise<void> => await Promise.resolve();
    const costs = [await countCalls(few, keep), await countCalls(many, keep)];
    // A page has the stamps and paths of some sixty files.
    expect(costsPerFile(costs, ["pread64"]), JSON.stringify(costs)).toBeLessThanOrEqual(0.025);
  },
);

type Counts = Readonly<Record<string, number>>;

function costsPerFile([small, large]: readonly Counts[], calls: readonly string[]): number {
  const sum = (counts: Counts = {}): number =>
    calls.reduce((total, call) => total + (counts[call] ?? 0), 0);
  return (sum(large) - sum(small)) / (many - few);
}

/** How often a hit makes each call that is about files, after `change` of each file that the step has read. */
async function countCalls(
  files: number,
  change: (workspace: Workspace, file: string) => Promise<void>,
): Promise<Counts> {
  await using workspace = await copyWorkspace(join(import.meta.dir, "cost"));
  const directory = join(workspace.root, "packages/p");
  await mkdir(join(directory, "source"), { recursive: true });
  const manifest = { name: "p", scripts: { build: "cat source/* > all" } };
  await writeFile(join(directory, "package.json"), JSON.stringify(manifest));
  const paths = Array.from({ length: files }, (_, number) => `source/${number}`);
  for (const path of paths) await writeFile(join(directory, path), `${path}\n`);
  for (let run = 0; run < 3; run += 1) await runVt(workspace, ["run", "-r", "--verbose", "build"]);
  for (const path of paths) await change(workspace, path);
  const log = join(workspace.temporary, "calls");
  const traced = "trace=openat,read,close,fstat,newfstatat,pread64";
  const strace = ["strace", "-f", "-qq", "-e", traced, "-o", log];
  const { text } = await runVt(workspace, ["run", "-r", "--verbose", "build"], { under: strace });
  expect(text).toContain("◉ cache hit, replaying");
  const counts: Record<string, number> = {};
  for (const line of (await readFile(log, "utf8")).split("\n")) {
    const call = /^\d+ +(\w+)\(/.exec(line)?.[1];
    if (call !== undefined) counts[call] = (counts[call] ?? 0) + 1;
  }
  return counts;
}
