// `npm run bench:trace`: what it costs a program to be traced. Untraced, in every mode, under strace, and by
// vp where it is installed (`npm run bench -- --install-peers`), one after the other within each round, in an
// order that is drawn anew for each; and reported to somebody who lets every call go on, which is the least that
// the filter can cost. Medians over the rounds; in brackets the same of processor time, of all processes and of
// the supervisor together, which the machine's other work changes less. What vp adds is the difference of its
// `--cache` to its `--no-cache`. `--rounds=9`, and parts of the names of rows.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AbsolutePath, absolutePath } from "../src/base/path.ts";
import { type NativeLibrary, nativeLibrary } from "../src/native/library.ts";
import { type TraceMode, traceModes } from "../src/trace/trace-mode.ts";
import { Tracer } from "../src/trace/tracer.ts";
import { installPackages } from "../test/harness/install-packages.ts";
import { findRivals, type Rival } from "./rivals.ts";
import { median } from "./statistics.ts";

type Work = {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly directory: AbsolutePath;
  /** How often it does what is counted; 1 when not given. */
  readonly times?: number;
  /** Wanted of the default mode: at most this many times as long, or this much longer each time. */
  readonly goal: { readonly ratio: number } | { readonly addedMs: number };
};

type Way = TraceMode | "untraced" | Floor | "strace" | "vp --no-cache" | "vp --cache";

/** Of being reported every call, by whoever: see `programs/notified.c`. */
type Floor = "notified" | "notified -s";

const vp = findRivals().find(({ name }) => name === "vp");
const vpWays: readonly Way[] = vp === undefined ? [] : ["vp --no-cache", "vp --cache"];
const floors: readonly Floor[] = ["notified", "notified -s"];
const ways: readonly Way[] = ["untraced", ...traceModes, ...floors, "strace", ...vpWays];

type Cost = { readonly ms: number; readonly cpuMs: number };

/** What a way is compared with: it does the same but for the watching. */
function baseOf(way: Way): Way {
  return way === "vp --cache" ? "vp --no-cache" : "untraced";
}

/** In the order of the columns; those without a base come first. */
const shown = ways.filter((way) => way !== "vp --no-cache");
const rounds = Number(process.argv.find((word) => word.startsWith("--rounds="))?.slice(9) ?? 9);
const parts = process.argv.slice(2).filter((word) => !word.startsWith("--"));

const base = absolutePath(await mkdtemp(join(await realpath(tmpdir()), "vt-trace-bench-")));
try {
  const library = nativeLibrary();
  if (typeof library === "string") throw new Error(library);
  const works = await prepare(base);
  const wanted = works.filter(
    ({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)),
  );
  console.log(
    row(["", ...shown.map((way) => (way === "untraced" ? "untraced" : `+ ${way}`)), "goal"]),
  );
  if (vp !== undefined) await addScripts(works, vp);
  for (const work of wanted) await measure(work, library);
} finally {
  await rm(base, { recursive: true });
}

async function measure(work: Work, library: NativeLibrary): Promise<void> {
  const costs = new Map<Way, Cost[]>(ways.map((way) => [way, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const way of shuffled(ways)) {
      const cost = await runOnce(work, way, library);
      if (round > 0) costs.get(way)?.push(cost);
    }
  }
  const middle = (way: Way, of: keyof Cost): number =>
    median((costs.get(way) ?? []).map((cost) => cost[of]));
  const cells = shown.map((way) => {
    if (way === "untraced") {
      return `${middle(way, "ms").toFixed(1)} (${middle(way, "cpuMs").toFixed(1)}) ms`;
    }
    const added = (of: keyof Cost): string =>
      compare(work, middle(way, of), middle(baseOf(way), of));
    return `${added("ms")} (${added("cpuMs")})`;
  });
  console.log(row([work.name, ...cells, describeGoal(work)]));
}

/** In an order that is drawn anew: turned by one each round, each way would always follow the same other one. */
function shuffled<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

function compare({ goal, times = 1 }: Work, ms: number, untraced: number): string {
  return "ratio" in goal ? (ms / untraced).toFixed(2) : `${((ms - untraced) / times).toFixed(2)}`;
}

function describeGoal({ goal }: Work): string {
  return "ratio" in goal ? `x ${goal.ratio.toFixed(2)}` : `${goal.addedMs.toFixed(2)} ms`;
}

async function runOnce(work: Work, way: Way, library: NativeLibrary): Promise<Cost> {
  await rm(`${work.directory}/dist`, { recursive: true, force: true });
  const path = `${base}/node_modules/.bin:${process.env["PATH"]}`;
  const environment = { PATH: path, HOME: base, LC_ALL: "C", NO_COLOR: "1", CI: "1" };
  if (way === "untraced") return await time(work, { cmd: [...work.command], env: environment });
  if (way === "vp --cache" || way === "vp --no-cache") {
    await rm(`${work.directory}/node_modules/.vite`, { recursive: true, force: true });
    const cmd = [vp?.program ?? "", "run", way.slice(3), scriptName(work)];
    return await time(work, { cmd, env: environment });
  }
  if (way === "notified" || way === "notified -s") {
    const [, ...options] = way.split(" ");
    return await time(work, {
      cmd: [`${base}/notified`, ...options, ...work.command],
      env: environment,
    });
  }
  if (way === "strace") {
    const strace = [
      "strace",
      "-f",
      "--seccomp-bpf",
      "-qq",
      "-o",
      `${base}/log`,
      "-e",
      "trace=%file",
    ];
    return await time(work, { cmd: [...strace, ...work.command], env: environment });
  }
  const directory = absolutePath(`${base}/channels`);
  using tracer = Tracer.open({ library, mode: way, directory, roots: [base] });
  using trace = tracer.begin();
  const [name, ...args] = work.command;
  const program = absolutePath(Bun.which(name, { PATH: path, cwd: work.directory }) ?? "/");
  const launch = trace.launch({ program, name, args, environment });
  const cmd = [launch.executable, ...launch.args];
  return await time(work, { cmd, argv0: launch.argv0, env: launch.environment });
}

async function time(
  work: Work,
  options: {
    readonly cmd: string[];
    readonly argv0?: string;
    readonly env: Record<string, string>;
  },
): Promise<Cost> {
  const own = process.cpuUsage();
  const start = Bun.nanoseconds();
  const child = Bun.spawn({
    ...options,
    cwd: work.directory,
    stdio: ["ignore", "ignore", "ignore"],
  });
  const code = await child.exited;
  if (code !== 0) throw new Error(`${work.name}: ${options.cmd.join(" ")} ended with ${code}`);
  const ms = (Bun.nanoseconds() - start) / 1e6;
  const { user, system } = process.cpuUsage(own); // The supervisor is a thread of ours.
  const theirs = Number(child.resourceUsage()?.cpuTime.total ?? 0);
  return { ms, cpuMs: (theirs + user + system) / 1e3 };
}

async function prepare(root: AbsolutePath): Promise<readonly Work[]> {
  await installPackages(join(import.meta.dir, "../test/native/conformance/install"), root);
  for (const name of ["channels", "cases", "many"]) await mkdir(`${root}/${name}`);
  const stats = absolutePath(`${root}/stats`);
  await run(["cc", "-O2", "-o", stats, join(import.meta.dir, "programs/stats.c")], root);
  const notified = join(import.meta.dir, "programs/notified.c");
  await run(["cc", "-O2", "-o", `${root}/notified`, notified], root);
  const few = absolutePath(`${root}/cases`);
  const site = absolutePath(`${root}/cases/site`);
  await writeSite(site);
  await writeMany(`${root}/many`);
  const loop = "i=0; while [ $i -lt 400 ]; do /bin/true; i=$((i+1)); done";
  const slow = { ratio: 1.03 };
  return [
    {
      name: "tsc 5, 60 files",
      directory: site,
      command: ["node", `${root}/node_modules/typescript5/bin/tsc`],
      goal: slow,
    },
    { name: "vite build", directory: site, command: ["vite", "build"], goal: slow },
    { name: "vitest run", directory: site, command: ["vitest", "run"], goal: slow },
    {
      name: "100,000 stats of known paths",
      directory: few,
      command: [stats, few, "100000"],
      goal: { ratio: 1.2 },
    },
    {
      name: "100,000 stats by relative path",
      directory: few,
      command: ["perl", "-e", 'stat "file-" . $_ % 10 for 1 .. 100_000'],
      goal: { ratio: 1.2 },
    },
    {
      name: "find over 70,000 entries",
      directory: root,
      command: ["find", "many", "-name", "none"],
      goal: { ratio: 2 },
    },
    {
      name: "du over 70,000 entries",
      directory: root,
      command: ["du", "-s", "many"],
      goal: { ratio: 2 },
    },
    {
      name: "one exec of 400",
      directory: few,
      command: ["dash", "-c", loop],
      times: 400,
      goal: { addedMs: 0.1 },
    },
    {
      name: "esbuild, 60 modules",
      directory: site,
      command: ["esbuild", "src/index.ts", "--bundle", "--outdir=dist"],
      goal: { addedMs: 4 },
    },
    {
      name: "bun build, 60 modules",
      directory: site,
      command: [process.execPath, "build", "src/index.ts", "--outdir", "dist"],
      goal: { addedMs: 2 },
    },
  ];
}

/** The commands as scripts, and what vp wants to find beside them. */
async function addScripts(works: readonly Work[], { modules }: Rival): Promise<void> {
  for (const directory of new Set(works.map((work) => work.directory))) {
    const manifest = Bun.file(`${directory}/package.json`);
    const known = (await manifest.exists())
      ? await manifest.json()
      : { name: "work", private: true };
    const scripts = Object.fromEntries(
      works
        .filter((work) => work.directory === directory)
        .map((work) => [scriptName(work), work.command.map(quote).join(" ")]),
    );
    await Bun.write(manifest, JSON.stringify({ ...known, scripts }));
    await mkdir(`${directory}/node_modules`, { recursive: true });
    for (const name of ["vite", "vite-plus"]) {
      const place = `${directory}/node_modules/${name}`;
      if (!existsSync(place)) await symlink(join(modules, name), place);
    }
  }
}

function scriptName({ name }: Work): string {
  return name.replaceAll(/\W+/g, "-");
}

function quote(word: string): string {
  return `'${word}'`;
}

/** Sixty modules that need each other, a page that loads them, and a test. */
async function writeSite(directory: AbsolutePath): Promise<void> {
  const count = 60;
  const options = { outDir: "dist", module: "esnext", moduleResolution: "bundler", strict: true };
  const files: Record<string, string> = {
    "package.json": '{ "name": "site", "private": true, "type": "module" }',
    "tsconfig.json": JSON.stringify({
      compilerOptions: { ...options, types: [], skipLibCheck: true },
      include: ["src"],
      exclude: ["src/*.test.ts"],
    }),
    "index.html": '<script type="module" src="/src/index.ts"></script>\n',
    "src/index.ts": 'import { word0 } from "./module-0";\nconsole.log(word0());\n',
    "src/module.test.ts":
      'import { expect, test } from "vitest";\nimport { word0 } from "./module-0";\ntest("words", () => expect(word0().length).toBeGreaterThan(0));\n',
  };
  for (let i = 0; i < count; i += 1) {
    const next = i + 1 < count ? `import { word${i + 1} } from "./module-${i + 1}";\n` : "";
    const rest = i + 1 < count ? ` + word${i + 1}()` : "";
    files[`src/module-${i}.ts`] = `${next}export const word${i} = (): string => "w${i}"${rest};\n`;
  }
  await mkdir(`${directory}/src`, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(`${directory}/${name}`, text);
}

/** Seventy directories of a thousand empty files. */
async function writeMany(directory: string): Promise<void> {
  for (let i = 0; i < 70; i += 1) {
    await mkdir(`${directory}/${i}`);
    for (let k = 0; k < 1000; k += 1) await writeFile(`${directory}/${i}/${k}`, "");
  }
}

async function run(command: string[], cwd: string): Promise<void> {
  const child = Bun.spawn(command, { cwd, stdio: ["ignore", "inherit", "inherit"] });
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed`);
}

function row([name = "", ...cells]: readonly string[]): string {
  return name.padEnd(30) + cells.map((cell) => cell.padStart(15)).join("");
}
