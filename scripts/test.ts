// `npm test`: brings what it needs, builds, runs every check and every test, and says in its last line
// how many passed, failed and were skipped. A skip is named with its reason; one that could have run
// on this machine is a failure.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  canMount,
  canMountExt4,
  canMountHere,
  has32BitCalls,
  hasMemory,
  hasRoomInMemory,
  hasYama,
} from "../test/harness/abilities.ts";
import { patience } from "../test/harness/vt.ts";
import { compileHost } from "./compile.ts";
import { fetchForeign, hasForeign } from "./foreign.ts";
import { readJunit, type TestCase } from "./junit.ts";
import { runOwnTasks } from "./own-tasks.ts";
import { buildExecutable } from "./release.ts";
import { hostTarget, targets } from "./targets.ts";

const root = join(import.meta.dir, "..");

/** What some tests need besides what a fresh clone needs. */
const needs: readonly Need[] = [
  { name: "root", isMet: () => process.getuid?.() === 0 },
  tool("strace", "strace"),
  tool("busybox", "busybox-static"),
  tool("python3", "python3"),
  tool("perl", "perl"),
  tool("make", "make"),
  tool("valgrind", "valgrind"),
  tool("git", "git"),
  tool("musl-gcc", "musl-tools"),
  tool("zsh", "zsh"),
  tool("fish", "fish"),
  tool("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu"),
  tool("qemu-aarch64", "qemu-user"),
  tool("qemu-aarch64-static", "qemu-user-static"),
  tool("debootstrap", "debootstrap"),
  tool("shellcheck", "shellcheck"),
  { name: "go", isMet: () => Bun.which("go") !== null },
  { name: "programs of other systems", isMet: hasForeign },
  { name: "mount", isMet: canMount },
  { name: "mount as root", isMet: canMountHere },
  { name: "ext4", isMet: canMountExt4 },
  { name: "memory", isMet: hasMemory },
  { name: "room in memory", isMet: hasRoomInMemory },
  { name: "32-bit calls", isMet: has32BitCalls },
  { name: "yama", isMet: hasYama },
];

type Need = {
  readonly name: string;
  readonly isMet: () => boolean;
  /** The Debian package that brings it. */
  readonly package?: string;
};

/** A program that a Debian package brings. */
function tool(name: string, debianPackage: string): Need {
  return { name, isMet: () => Bun.which(name) !== null, package: debianPackage };
}

type Tally = { passed: number; failed: number; skipped: number };

const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
await installTools();
await bringForeign();
const isBuilt = await didBuild();
count(isBuilt);
const own = isBuilt ? await runOwnTasks() : { verdicts: [], cases: [] };
for (const isPassed of own.verdicts) count(isPassed);
await runTests(own.cases);
console.log(`\n${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
process.exitCode = tally.failed === 0 ? 0 : 1;

function count(isPassed: boolean): void {
  if (isPassed) tally.passed += 1;
  else tally.failed += 1;
}

async function installTools(): Promise<void> {
  const packages = needs.flatMap((need) => (need.isMet() ? [] : (need.package ?? [])));
  if (packages.length === 0 || !canInstall()) return;
  console.log(`installing ${packages.join(", ")}`);
  await run(["apt-get", "update", "-qq"]);
  await run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...packages]);
}

function canInstall(): boolean {
  return process.getuid?.() === 0 && Bun.which("apt-get") !== null;
}

/** Where it cannot be had, tests that need it are skipped. */
async function bringForeign(): Promise<void> {
  try {
    await fetchForeign();
  } catch (error) {
    console.error(error);
  }
}

/** For this machine, and for the others whose executables can be started here. */
async function didBuild(): Promise<boolean> {
  console.log("\n# build");
  try {
    await compileHost();
    for (const target of targets) {
      if (target.platform === "linux" && target !== hostTarget()) await buildExecutable(target);
    }
    return true;
  } catch (error) {
    console.error(error);
    return false;
  }
}

/** All but those that have been run: the tracer's own cannot be traced, and some start vt. */
async function runTests(done: readonly TestCase[]): Promise<void> {
  console.log("\n# tests");
  const doneFiles = new Set(done.map(({ file }) => file));
  const files = testFiles().filter((path) => !doneFiles.has(path));
  const directory = await mkdtemp(join(tmpdir(), "vt-junit-"));
  try {
    const outfile = join(directory, "junit.xml");
    const exitCode = await run([
      process.execPath,
      "test",
      // No test is about how fast it is, and a machine may be busy.
      `--timeout=${patience}`,
      "--reporter=junit",
      `--reporter-outfile=${outfile}`,
      // A bare name would be a part of one.
      ...files.map((path) => `./${path}`),
    ]);
    const xml = Bun.file(outfile);
    const others = (await xml.exists()) ? readJunit(await xml.text()) : [];
    countTests([...done, ...others], exitCode);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function countTests(cases: readonly TestCase[], exitCode: number): void {
  for (const { result } of cases) tally[result] += 1;
  const skipped = cases.filter(({ result }) => result === "skipped");
  if (skipped.length > 0) console.log("\n# skipped");
  for (const skip of skipped) explainSkip(skip);
  const isSilent = exitCode !== 0 && cases.every(({ result }) => result !== "failed");
  const unseen = testFiles().filter((path) => cases.every(({ file }) => file !== path));
  for (const path of unseen) console.log(`${path} ran no test`);
  tally.failed += Math.max(unseen.length, isSilent ? 1 : 0);
}

/** Test files as the report names them. One that does not load is missing there. */
function testFiles(): readonly string[] {
  const paths = new Bun.Glob("test/**/*.test.ts").scanSync(root);
  return [...paths].filter((path) => !path.startsWith("test/e2e/fixtures/"));
}

/** A test that may be skipped ends its name in `(needs <name>)`. */
function explainSkip({ file, name }: TestCase): void {
  const wanted = /\(needs (.+)\)$/.exec(name)?.[1];
  const need = needs.find((candidate) => candidate.name === wanted);
  const canRun = need?.isMet() ?? true;
  const isExcused = !canRun && (need?.package === undefined || !canInstall());
  const verdict = isExcused ? "which is not here" : "and could have run: this counts as failed";
  console.log(`${file}: ${name}: needs ${wanted ?? "nothing that it names"}, ${verdict}`);
  if (isExcused) return;
  tally.skipped -= 1;
  tally.failed += 1;
}

async function run(command: string[]): Promise<number> {
  return await Bun.spawn(command, { cwd: root, stdio: ["ignore", "inherit", "inherit"] }).exited;
}
