import { mkdir, rm } from "node:fs/promises";
import { dirname, normalize } from "node:path";
import { type AbsolutePath, absolutePath } from "../../../src/base/path.ts";
import type { Access, IncompleteReason } from "../../../src/trace/access.ts";
import type { TraceMode } from "../../../src/trace/trace-mode.ts";
import { runTraced, type TracedRun } from "../../trace/run-traced.ts";
import type { Program } from "./program.ts";
import { runUnderStrace, type Touch } from "./strace.ts";

export type Comparison = {
  readonly mode: TraceMode;
  /** Paths that strace saw, by what was done to them. */
  readonly expected: Readonly<Record<Touch, number>>;
  /** `touch path` that strace saw in each of its runs and the tracer did not. */
  readonly missed: readonly string[];
  /** Paths that the tracer names and strace never did. */
  readonly strangers: readonly string[];
  readonly incomplete: readonly IncompleteReason[];
};

export type Outcome = {
  readonly program: Program;
  /** Exit codes of all runs: they have to be the same. */
  readonly codes: readonly number[];
  readonly comparisons: readonly Comparison[];
};

const touches: readonly Touch[] = ["read", "probe", "list", "execute", "change"];

/**
 * Runs a program twice under strace and once in each mode, each time in a directory that is like the
 * others. What only one run under strace did, such as losing a race, is neither demanded nor false.
 */
export async function compare(
  program: Program,
  modes: readonly TraceMode[],
  base: AbsolutePath,
): Promise<Outcome> {
  const codes: number[] = [];
  const straced: ReadonlySet<string>[] = [];
  for (let i = 0; i < 2; i += 1) {
    const result = await inCase(program, base, runUnderStrace);
    codes.push(result.code);
    straced.push(result.touches);
  }
  const [first = new Set<string>(), second = new Set<string>()] = straced;
  const expected = first.intersection(second);
  const known = new Set([...first.union(second)].map(pathOf));
  const comparisons: Comparison[] = [];
  for (const mode of modes) {
    const {
      code,
      touches: seen,
      incomplete,
    } = await inCase(program, base, (run) => runUnderTracer({ ...run, mode }));
    codes.push(code);
    comparisons.push({
      mode,
      expected: count(expected),
      missed: [...expected.difference(seen)],
      strangers: [...new Set([...seen].map(pathOf))].filter((path) => !known.has(path)),
      incomplete,
    });
  }
  return { program, codes, comparisons };
}

type CaseRun = TracedRun & {
  readonly environment: Readonly<Record<string, string>>;
  readonly root: AbsolutePath;
};

type CaseResult = { readonly touches: ReadonlySet<string>; readonly code: number };

/** One run in a fresh directory; what it touched is named as if it were always the same one. */
async function inCase<T extends CaseResult>(
  program: Program,
  base: AbsolutePath,
  use: (run: CaseRun) => Promise<T>,
): Promise<T> {
  const directory = absolutePath(`${base}/cases/${Bun.randomUUIDv7()}`);
  await mkdir(`${directory}/home`, { recursive: true });
  try {
    for (const [path, content] of Object.entries(program.files ?? {})) {
      await Bun.write(`${directory}/${path}`, content);
    }
    await program.prepare?.(directory);
    const environment = { ...environmentIn(directory, base), ...program.environment };
    const { command } = program;
    const result = await use({ directory, command, environment, root: base });
    const named = [...result.touches].map((touch) => canonical(touch, directory, program));
    return { ...result, touches: new Set(named) };
  } finally {
    await rm(directory, { recursive: true });
  }
}

function environmentIn(directory: AbsolutePath, base: AbsolutePath): Record<string, string> {
  const bun = dirname(process.execPath);
  return {
    PATH: `${bun}:${base}/node_modules/.bin:/usr/local/bin:/usr/bin:/bin`,
    HOME: `${directory}/home`,
    TMPDIR: `${directory}/home`,
    LC_ALL: "C",
    NO_COLOR: "1",
    NO_UPDATE_NOTIFIER: "1",
    CI: "1",
  };
}

function canonical(touch: string, directory: string, { varying }: Program): string {
  const name = touch.replaceAll(directory, "@").replace(/\/\.$/, "");
  return varying === undefined ? name : name.replaceAll(varying, "*");
}

function pathOf(touch: string): string {
  return touch.slice(touch.indexOf(" ") + 1);
}

function count(expected: ReadonlySet<string>): Record<Touch, number> {
  const of = (touch: Touch): number =>
    [...expected].filter((entry) => entry.startsWith(`${touch} `)).length;
  return Object.fromEntries(touches.map((touch) => [touch, of(touch)])) as Record<Touch, number>;
}

async function runUnderTracer(
  run: CaseRun & { readonly mode: TraceMode },
): Promise<CaseResult & { readonly incomplete: readonly IncompleteReason[] }> {
  const { trace, code } = await runTraced({ ...run, roots: [run.root] });
  const isInside = (path: string): boolean => path === run.root || path.startsWith(`${run.root}/`);
  const all = trace.accesses.flatMap(touchesOf).filter((touch) => isInside(pathOf(touch)));
  return { touches: new Set(all.map(withoutUp)), code, incomplete: trace.incomplete };
}

/** strace's paths are taken literally too. */
function withoutUp(touch: string): string {
  const at = touch.indexOf("/");
  return touch.slice(0, at) + normalize(touch.slice(at));
}

function touchesOf({ kind, path, target }: Access): string[] {
  switch (kind) {
    case "read":
    case "execute":
      return [`${kind} ${path}`];
    case "probe":
    case "readlink":
      return [`probe ${path}`];
    case "list":
      return [`list ${path}`, `probe ${path}`];
    case "metadata":
      // libc may look before it changes, where newer kernels need no look.
      return [`change ${path}`, `probe ${path}`];
    default:
      return [`change ${path}`, ...(target === undefined ? [] : [`change ${target}`])];
  }
}
