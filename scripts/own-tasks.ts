// vt builds, checks and tests itself: the tasks of its own vite-task.json, by the executable just built.
import { dirname, join } from "node:path";
import { checks } from "./check.ts";
import { readJunit, type TestCase } from "./junit.ts";

const root = join(import.meta.dir, "..");
const vt = join(root, "dist/vt");

export type OwnRun = {
  /** Whether each task, and what is expected of all of them, went well; tests are not among these. */
  readonly verdicts: readonly boolean[];
  /** The tests of the task `unit`; none when it came to nothing. */
  readonly cases: readonly TestCase[];
};

/**
 * Runs every task once, and then all of them again, which must hit. The vt that `build` makes must be the
 * one that ran it. What runs and what it says is shown.
 */
export async function runOwnTasks(): Promise<OwnRun> {
  const before = await digestOf(vt);
  const verdicts: boolean[] = [];
  for (const task of ["build", ...checks])
    verdicts.push((await run(task, "inherit")).exitCode === 0);
  const unit = await run("unit", "inherit");
  const isSame = (await digestOf(vt)) === before;
  if (!isSame) console.log("vt built another vt than the one that ran it");
  verdicts.push(isSame);
  if (unit.exitCode === 0 && !verdicts.includes(false)) verdicts.push(await hasAllHits());
  const xml = Bun.file(join(root, "build/unit.xml"));
  return { verdicts, cases: (await xml.exists()) ? readJunit(await xml.text()) : [] };
}

async function hasAllHits(): Promise<boolean> {
  const { exitCode, text } = await run("verify", "pipe");
  const [summary = ""] = /vt run: .*/.exec(text) ?? [];
  console.log(`\n# all of it again\n${summary}`);
  const isHit = exitCode === 0 && /vt run: (\d+)\/\1 cache hit/.test(summary);
  if (!isHit) console.log(text);
  return isHit;
}

async function run(
  task: string,
  output: "inherit" | "pipe",
): Promise<{ readonly exitCode: number; readonly text: string }> {
  if (output === "inherit") console.log(`\n# vt run ${task}`);
  const child = Bun.spawn([vt, "run", task], {
    cwd: root,
    // `bun` is the one that runs this.
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` },
    stdio: ["ignore", output, "inherit"],
  });
  const text = child.stdout === undefined ? "" : await new Response(child.stdout).text();
  return { exitCode: await child.exited, text };
}

async function digestOf(path: string): Promise<string> {
  return new Bun.CryptoHasher("sha256").update(await Bun.file(path).bytes()).digest("hex");
}
