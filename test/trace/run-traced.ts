import { rm } from "node:fs/promises";
import { type AbsolutePath, absolutePath } from "../../src/base/path.ts";
import { type NativeLibrary, nativeLibrary } from "../../src/native/library.ts";
import type { Access, Trace } from "../../src/trace/access.ts";
import type { StepTrace } from "../../src/trace/step-trace.ts";
import type { TraceMode } from "../../src/trace/trace-mode.ts";
import { Tracer } from "../../src/trace/tracer.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

/** A command, run under the tracer in a directory that is the only root unless others are given. */
export type TracedRun = {
  readonly directory: AbsolutePath;
  readonly command: readonly [program: string, ...args: string[]];
  readonly mode?: TraceMode;
  readonly environment?: Readonly<Record<string, string>>;
  readonly channelBytesMax?: number;
  readonly roots?: readonly AbsolutePath[];
  /** Called when the command has ended and its trace is still open. */
  readonly afterwards?: (trace: StepTrace, pid: number) => void;
};

export type TracedResult = {
  readonly trace: Trace;
  /** Paths below the directory are relative to it, others absolute. */
  readonly accesses: readonly Access[];
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
};

export async function runTraced(run: TracedRun): Promise<TracedResult> {
  const { directory, mode = "full", channelBytesMax } = run;
  await using channels = await temporaryDirectory();
  using tracer = Tracer.open({
    library: library(),
    mode,
    directory: channels.path,
    roots: run.roots ?? [directory],
    ...(channelBytesMax !== undefined && { channelBytesMax }),
  });
  using trace = tracer.begin();
  const child = startTraced(trace, run);
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  const code = await child.exited;
  run.afterwards?.(trace, child.pid);
  const collected = trace.collect();
  return {
    trace: collected,
    accesses: collected.accesses.map((access) => relative(access, directory)),
    code,
    stdout,
    stderr,
  };
}

export function startTraced(
  trace: StepTrace,
  { command: [name, ...args], directory, environment }: TracedRun,
): Bun.Subprocess<"ignore", "pipe", "pipe"> {
  const program = Bun.which(name, {
    cwd: directory,
    PATH: environment?.["PATH"] ?? process.env["PATH"] ?? "",
  });
  if (program === null) throw new Error(`${name} is not installed`);
  const launch = trace.launch({
    program: absolutePath(program),
    name,
    args,
    environment: environment ?? cleanEnvironment(),
  });
  return Bun.spawn({
    cmd: [launch.executable, ...launch.args],
    argv0: launch.argv0,
    cwd: directory,
    env: launch.environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** What the programs of these tests may rely on. */
export function cleanEnvironment(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", LC_ALL: "C" };
}

export function library(): NativeLibrary {
  const loaded = nativeLibrary();
  if (typeof loaded === "string") throw new Error(loaded);
  return loaded;
}

function relative(access: Access, directory: AbsolutePath): Access {
  const shorten = (path: string): string =>
    path === directory
      ? "."
      : path.startsWith(`${directory}/`)
        ? path.slice(directory.length + 1)
        : path;
  return {
    ...access,
    path: shorten(access.path),
    ...(access.target !== undefined && { target: shorten(access.target) }),
  };
}

/** `kind result path → target`, or `: text` of a link, in order. */
export function lines(accesses: readonly Access[]): string[] {
  return accesses.map(({ kind, result, path, target, text }) => {
    const more = target === undefined ? "" : ` → ${target}`;
    return `${kind} ${result} ${path}${more}${text === undefined ? "" : `: ${text}`}`;
  });
}

/** Compiles a C program into `directory`. */
export async function compileC(
  directory: AbsolutePath,
  options: {
    readonly name: string;
    readonly source: string;
    readonly flags?: readonly string[];
    readonly compiler?: string;
  },
): Promise<AbsolutePath> {
  const output = absolutePath(`${directory}/${options.name}`);
  const source = `${output}.c`;
  await Bun.write(source, options.source);
  const compiler = Bun.spawn(
    [
      options.compiler ?? "cc",
      "-w",
      "-D_GNU_SOURCE",
      "-o",
      output,
      source,
      ...(options.flags ?? []),
    ],
    {
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  if ((await compiler.exited) !== 0) throw new Error(`${options.name} does not compile`);
  await rm(source);
  return output;
}
