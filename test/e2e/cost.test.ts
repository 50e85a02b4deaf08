// What a hit with nothing to do costs, in counts: times depend on the machine, these do not. The limits are
// argued for in bench/RESULTS.md.
import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { comparePaths } from "../../src/base/path.ts";
import { patience, runVt } from "../harness/vt.ts";
import { copyWorkspace, type Workspace } from "../harness/workspace.ts";
import { untilRemembered } from "./remembered.ts";

setDefaultTimeout(patience);

type Kind = {
  readonly name: string;
  readonly args: readonly string[];
  readonly limits: Readonly<
    Record<"callsPerRun" | "callsPerPackage" | "looksPerRun" | "looksPerPackage", number> &
      Record<"bytesPerRun" | "bytesPerPackage", number>
  >;
};

const kinds: readonly Kind[] = [
  {
    name: "that is remembered",
    args: ["run", "-r", "build"],
    limits: {
      ...{ callsPerRun: 100, callsPerPackage: 1, looksPerRun: 45, looksPerPackage: 8 },
      ...{ bytesPerRun: 200, bytesPerPackage: 300 },
    },
  },
  {
    // The full summary says how long everything took, so it is never remembered.
    name: "that is worked out",
    args: ["run", "-r", "--verbose", "build"],
    limits: {
      ...{ callsPerRun: 240, callsPerPackage: 11, looksPerRun: 20, looksPerPackage: 5 },
      ...{ bytesPerRun: 200, bytesPerPackage: 300 },
    },
  },
];

/** Those that every command loads, a run that is remembered, and one that is worked out. */
const modulesMax = { answered: 4, remembered: 20, workedOut: 190 };

/** How often threads wait for each other, and ask for memory, is chance; these calls are not. */
const counted =
  "open,openat,close,read,pread64,write,pwrite64,lseek,fstat,statx,access,readlink,getdents64,fcntl,unlink,rename,mkdir,fsync,fdatasync,ftruncate,newfstatat";

const few = 4;
const many = 24;

test.skipIf(Bun.which("strace") === null).each(kinds)(
  "a hit $name makes few system calls and writes little, for each run and each package (needs strace)",
  async ({ args, limits }) => {
    const [small, large] = [await measureHit(args, few), await measureHit(args, many)];
    const perPackage = (field: keyof Cost): number => (large[field] - small[field]) / (many - few);
    const perRun = (field: keyof Cost): number => small[field] - few * perPackage(field);
    const costs = JSON.stringify({ small, large });
    expect(perPackage("looks"), costs).toBeLessThanOrEqual(limits.looksPerPackage);
    expect(perRun("looks"), costs).toBeLessThanOrEqual(limits.looksPerRun);
    expect(perPackage("calls"), costs).toBeLessThanOrEqual(limits.callsPerPackage);
    expect(perRun("calls"), costs).toBeLessThanOrEqual(limits.callsPerRun);
    expect(perPackage("bytes"), costs).toBeLessThanOrEqual(limits.bytesPerPackage);
    expect(perRun("bytes"), costs).toBeLessThanOrEqual(limits.bytesPerRun);
    expect(small.syncs + large.syncs, costs).toBe(0);
    expect(small.bytesInTree + large.bytesInTree, costs).toBe(0);
  },
);

test("a question about vt loads next to nothing, a remembered hit a handful of modules, and one that is worked out loads no package", async () => {
  const asked = await modulesOf(["main.ts"]);
  expect(asked.packages).toEqual([]);
  expect(asked.count).toBeLessThanOrEqual(modulesMax.answered);
  const remembered = await modulesOf(["main.ts", "cli/recall.ts"]);
  expect(remembered.packages).toEqual(["bun:ffi"]);
  expect(remembered.count).toBeLessThanOrEqual(modulesMax.remembered);
  const workedOut = await modulesOf([
    "main.ts",
    "cli/recall.ts",
    "cli/start.ts",
    "cli/run.ts",
    "cli/nesting.ts",
  ]);
  expect(workedOut.packages).toEqual(["bun:ffi", "bun:sqlite", "node:fs", "node:path"]);
  expect(workedOut.count).toBeLessThanOrEqual(modulesMax.workedOut);
});

/** What is loaded with these modules of `src`, lazy imports aside. */
async function modulesOf(
  names: readonly string[],
): Promise<{ readonly count: number; readonly packages: readonly string[] }> {
  const source = resolve(import.meta.dir, "../../src");
  const modules = new Set(names.map((name) => join(source, name)));
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
  return { count: modules.size, packages: [...packages].toSorted(comparePaths) };
}

type Cost = {
  /** One for each path that the task depends on or made. */
  readonly looks: number;
  /** All others that are counted. */
  readonly calls: number;
  /** That are written to the cache. */
  readonly bytes: number;
  readonly bytesInTree: number;
  readonly syncs: number;
};

/** Of a run in which every package hits, with nothing to put in place. */
async function measureHit(args: readonly string[], packages: number): Promise<Cost> {
  await using workspace = await openWorkspace(packages);
  // Whatever is run, all is settled when the plain run is remembered.
  await untilRemembered(workspace, () => runVt(workspace, ["run", "-r", "build"]));
  const log = join(workspace.temporary, "calls");
  const strace = ["strace", "-f", "-qq", "-y", "-e", `trace=${counted}`, "-o", log];
  const { text } = await runVt(workspace, args, { under: strace });
  expect(text.match(/◉ cache hit, replaying/g)?.length).toBe(packages);
  const calls = (await readFile(log, "utf8")).split("\n").filter((line) => line.includes(" = "));
  const named = (name: string): readonly string[] =>
    calls.filter((line) => line.replace(/^\d+ +/, "").startsWith(`${name}(`));
  const writes = [...named("write"), ...named("pwrite64")];
  const bytesBelow = (directory: string): number =>
    writes
      .filter((line) => line.includes(`<${directory}/`))
      .reduce((sum, line) => sum + Number(/ = (\d+)/.exec(line)?.[1] ?? 0), 0);
  const bytes = bytesBelow(join(workspace.root, "node_modules/.vt"));
  return {
    looks: named("newfstatat").length,
    calls: calls.length - named("newfstatat").length,
    bytes,
    bytesInTree: bytesBelow(workspace.root) - bytes,
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
