// `npm test`: brings what it needs, builds, runs every check and every test, and says in its last line
// how many passed, failed and were skipped. A skip is named with its reason; one that could have run
// on this machine is a failure.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checks, didPass } from "./check.ts";
import { compile } from "./compile.ts";
import { readJunit, type TestCase } from "./junit.ts";
import { hostTarget } from "./targets.ts";

const root = join(import.meta.dir, "..");

/** Programs that some tests need besides what a fresh clone needs, and the Debian packages they come in. */
const tools: readonly { readonly program: string; readonly package: string }[] = [
  { program: "strace", package: "strace" },
];

type Tally = { passed: number; failed: number; skipped: number };

const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
await installTools();
count(await didBuild());
for (const check of checks) count(await didPass(check));
await runTests();
console.log(`\n${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
process.exitCode = tally.failed === 0 ? 0 : 1;

function count(isPassed: boolean): void {
  if (isPassed) tally.passed += 1;
  else tally.failed += 1;
}

async function installTools(): Promise<void> {
  const missing = tools.filter(({ program }) => Bun.which(program) === null);
  if (missing.length === 0 || !canInstall()) return;
  console.log(`installing ${missing.map(({ program }) => program).join(", ")}`);
  const packages = missing.map((tool) => tool.package);
  await run(["apt-get", "update", "-qq"]);
  await run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...packages]);
}

function canInstall(): boolean {
  return process.getuid?.() === 0 && Bun.which("apt-get") !== null;
}

async function didBuild(): Promise<boolean> {
  console.log("\n# build");
  try {
    await compile(hostTarget());
    return true;
  } catch (error) {
    console.error(error);
    return false;
  }
}

async function runTests(): Promise<void> {
  console.log("\n# tests");
  const directory = await mkdtemp(join(tmpdir(), "vt-junit-"));
  try {
    const outfile = join(directory, "junit.xml");
    const exitCode = await run([
      process.execPath,
      "test",
      "--reporter=junit",
      `--reporter-outfile=${outfile}`,
    ]);
    const xml = Bun.file(outfile);
    countTests((await xml.exists()) ? readJunit(await xml.text()) : [], exitCode);
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

/** A test that may be skipped ends its name in `(needs <program>)`. */
function explainSkip({ file, name }: TestCase): void {
  const program = /\(needs (\S+)\)$/.exec(name)?.[1] ?? "";
  const isKnown = tools.some((tool) => tool.program === program);
  const isThere = Bun.which(program) !== null;
  const isExcused = isKnown && !isThere && !canInstall();
  const state = isKnown
    ? `${program} is ${isThere ? "there" : "not installed"}`
    : "no known reason";
  const reason = isExcused ? state : `${state}: it could have run, and counts as failed`;
  console.log(`${file}: ${name}: ${reason}`);
  if (isExcused) return;
  tally.skipped -= 1;
  tally.failed += 1;
}

async function run(command: string[]): Promise<number> {
  return await Bun.spawn(command, { cwd: root, stdio: ["ignore", "inherit", "inherit"] }).exited;
}
