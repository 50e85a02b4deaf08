// What a hit with nothing to do costs, in counts: times depend on the machine, these do not. The limits are
// argued for in bench/RESULTS.md.
import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { comparePaths } from "../../src/base/path.ts";
import { patience, runVt } from "../harness/vt.ts";
import { copyWorkspace, type Workspace } from "../harness/workspace.ts";

setDefaultTimeout(patience);

const limits = {
  callsPerRun: 240,
  callsPerPackage: 11,
  looksPerPackage: 5,
  bytesPerRun: 200,
  bytesPerPackage: 300,
  modules: 170,
};

/** How often threads wait for each other, and ask for memory, is chance; these calls are not. */
const counted =
  "open,openat,close,read,pread64,write,pwrite64,lseek,fstat,statx,access,readlink,getdents64,fcntl,unlink,rename,mkdir,fsync,fdatasync,ftruncate,newfstatat";

const few = 4;
const many = 24;

test.skipIf(Bun.which("strace") === null)(
  "a hit makes few system calls and writes little, for each run and for each package (needs strace)",
  async () => {
    const [small, large] = [await measureHit(few), await measureHit(many)];
    const perPackage = (field: keyof Cost): number => (large[field] - small[field]) / (many - few);
    const perRun = (field: keyof Cost): number => small[field] - few * perPackage(field);
    const costs = JSON.stringify({ small, large });
    expect(perPackage("looks"), costs).toBeLessThanOrEqual(limits.looksPerPackage);
    expect(perPackage("calls"), costs).toBeLessThanOrEqual(limits.callsPerPackage);
    expect(perRun("calls"), costs).toBeLessThanOrEqual(limits.callsPerRun);
    expect(perPackage("bytes"), costs).toBeLessThanOrEqual(limits.bytesPerPackage);
    expect(perRun("bytes"), costs).toBeLessThanOrEqual(limits.bytesPerRun);
    expect(small.syncs + large.syncs, costs).toBe(0);
  },
);

test("a hit loads no package, and few modules", async () => {
  const source = resolve(import.meta.dir, "../../src");
  const entries = ["main.ts", "cli/start.ts", "cli/run.ts", "cli/nesting.ts"].map((name) =>
    join(source, name),
  );
  const modules = new Set(entries);
  const packages = new Set<string>();
  // A Set hands out what is added to it while it is being walked.
  for (const module of modules)
    for (const { path, kind } of new Bun.Transpiler({ loader: "ts" }).scanImports(
      await readFile(module, "utf8"),
    )) {
      if (kind !== "import-statement") continue;
      if (!path.startsWith(".")) packages.add(path);
      else if (path.endsWith(".ts")) modules.add(resolve(dirname(module), path));
    }
  expect([...packages].toSorted(comparePaths)).toEqual([
    "bun:ffi",
    "bun:sqlite",
    "node:fs",
    "node:path",
  ]);
  expect(modules.size).toBeLessThanOrEqual(limits.modules);
});

type Cost = {
  /** One for each path that the task depends on or made. */
  readonly looks: number;
  /** All others that are counted. */
  readonly calls: number;
  /** That are written into files. */
  readonly bytes: number;
  readonly syncs: number;
};

/** Of a run in which every package hits, with nothing to put in place. */
async function measureHit(packages: number): Promise<Cost> {
  await using workspace = await openWorkspace(packages);
  const args = ["run", "-r", "build"];
  const hits = new RegExp(`\\b${packages}/${packages} cache hit`);
  await runVt(workspace, args);
  // Right after the run its stamps prove nothing yet, and then all is kept in one of the next.
  for (let run = 1; run <= 3; run += 1) expect((await runVt(workspace, args)).text).toMatch(hits);
  const log = join(workspace.temporary, "calls");
  const strace = ["strace", "-f", "-qq", "-y", "-e", `trace=${counted}`, "-o", log];
  const { text } = await runVt(workspace, args, { under: strace });
  expect(text).toMatch(hits);
  const calls = (await readFile(log, "utf8")).split("\n").filter((line) => line.includes(" = "));
  const named = (name: string): readonly string[] =>
    calls.filter((line) => line.replace(/^\d+ +/, "").startsWith(`${name}(`));
  const writes = [...named("write"), ...named("pwrite64")].filter((line) =>
    line.includes(`<${workspace.root}/`),
  );
  return {
    looks: named("newfstatat").length,
    calls: calls.length - named("newfstatat").length,
    bytes: writes.reduce((sum, line) => sum + Number(/ = (\d+)/.exec(line)?.[1] ?? 0), 0),
    syncs: named("fsync").length + named("fdatasync").length,
  };
}

async function openWorkspace(packages: number): Promise<Workspace> {
  const workspace = await copyWorkspace(join(import.meta.dir, "cost"));
  for (let number = 0; number < packages; number += 1) {
    const directory = join(workspace.root, "packages", `p${number}`);
    await mkdir(directory, { recursive: true });
    const manifest = { name: `p${number}`, scripts: { build: "cp source made" } };
    await writeFile(join(directory, "package.json"), JSON.stringify(manifest));
    await writeFile(join(directory, "source"), `${number}\n`);
  }
  expect((await readdir(join(workspace.root, "packages"))).length).toBe(packages);
  return workspace;
}
