import { existsSync } from "node:fs";
import { errnoOf } from "../base/file.ts";
import type { Environment } from "../base/host.ts";
import { type AbsolutePath, isWindows, printable } from "../base/path.ts";
import { adoptOrphans, guardTree } from "../native/guardian.ts";
import { startOnWindows } from "../plan/windows.ts";
import type { StopSignal } from "./cancellation.ts";
import { openChildPipes } from "./child-pipes.ts";
import type { OutputStream } from "./event.ts";
import type { PipeReader } from "./pipe-reader.ts";
import type { ProcessInfo } from "./process-tree.ts";
import { endAll, type LeftBehind, settle, settleGraceMs } from "./settle.ts";
import {
  familyOf,
  findOrphans,
  killTree,
  type ProcessTree,
  signalTree,
  survivorsOf,
} from "./signal-tree.ts";
import type { StdioMode } from "./stdio.ts";
import { enterTerminal, type TerminalUseEnd } from "./terminal-use.ts";

export type SpawnRequest = {
  readonly executable: AbsolutePath;
  readonly argv0: string;
  readonly args: readonly string[];
  readonly cwd: AbsolutePath;
  /** Everything the process gets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly stdio: StdioMode;
  /** Called in the order of arrival, before `exited` settles; only with `piped`. The bytes may be kept. */
  readonly onChunk: (stream: OutputStream, bytes: Uint8Array) => void;
  /** A clock, in milliseconds. */
  readonly now: () => number;
  /** For what the process leaves behind to end in; 2 s by default. */
  readonly settleGraceMs?: number;
};

/** A process that was started and has ended. */
export type ExitedProcess = {
  readonly kind: "exited";
  /** 128 + n when a signal ended it. */
  readonly code: number;
  readonly signal?: string;
  /** Until the process itself ended. */
  readonly durationMs: number;
  /** Still lived, or held a pipe, when the grace was over. Always looked for with `piped`. */
  readonly leftBehind?: LeftBehind;
};

type SpawnResult = ExitedProcess | { readonly kind: "not-started"; readonly message: string };

type Child = {
  /** 0 where it could not be started. */
  readonly pid: number;
  /** Settles when the process has ended and all its text has been handed over. */
  readonly exited: Promise<SpawnResult>;
  /** Passes a signal on to everything the process started; nothing happens once it has ended. `task` by default. */
  readonly stop: (signal: StopSignal, scope?: Stop["scope"]) => void;
};

type Stop = {
  readonly signal: StopSignal;
  /** Whether the whole run ends, or others go on. */
  readonly scope: "run" | "task";
};

/** First processes of all steps that run. */
const roots = new Set<number>();

/** Starts a process. That it could not be started is told by `exited`. */
export function spawnStep(request: SpawnRequest): Child {
  try {
    return watch(request, start(request));
  } catch (error) {
    const message = describeStartFailure(request, error);
    const exited = Promise.resolve({ kind: "not-started", message } as const);
    return { pid: 0, exited, stop: () => undefined };
  }
}

type Started = {
  readonly process: Bun.Subprocess;
  readonly readers: readonly PipeReader[];
  readonly startedAt: number;
  readonly leaveTerminal: (end: TerminalUseEnd) => void;
};

function start(request: SpawnRequest): Started {
  const options = {
    ...(isWindows
      ? startOnWindows(request.executable, request.args)
      : { cmd: [request.executable, ...request.args], argv0: request.argv0 }),
    cwd: request.cwd,
    env: request.environment,
    detached: request.stdio !== "foreground",
  };
  using left = new DisposableStack();
  const leaveTerminal = request.stdio === "foreground" ? enterTerminal() : () => undefined;
  left.defer(() => leaveTerminal("ended"));
  const startedAt = request.now();
  if (request.stdio !== "piped") {
    const process = Bun.spawn({ ...options, stdio: ["inherit", "inherit", "inherit"] });
    left.move();
    return { process, readers: [], startedAt, leaveTerminal };
  }
  using pipes = openChildPipes();
  const process = Bun.spawn({ ...options, stdio: ["ignore", ...pipes.stdio] });
  // From here on it is done when the process has ended.
  left.move();
  return { process, readers: pipes.read(process, request.onChunk), startedAt, leaveTerminal };
}

function watch(request: SpawnRequest, started: Started): Child {
  const { process, readers, startedAt, leaveTerminal } = started;
  const graceMs = request.settleGraceMs ?? settleGraceMs;
  const tree: ProcessTree = {
    root: process.pid,
    session: request.stdio === "foreground" ? "shared" : "own",
  };
  const pipes = readers.flatMap(({ pipe }) => pipe?.fd ?? []);
  const guarded = guardTree(tree.root, pipes);
  roots.add(tree.root);
  let state: "running" | "stopping" | "ended" = "running";
  let lastStop: Stop = { signal: "SIGTERM", scope: "task" };
  /**
   * What the process had started when it was told to stop. Once it has ended, what made a session of its
   * own is found in no other way.
   */
  const family = new Map<string, ProcessInfo>();

  const wait = async (): Promise<SpawnResult> => {
    const drained = Promise.all(readers.map(({ ended }) => ended));
    const code = await Promise.race([process.exited, drained.then(() => process.exited)]);
    const durationMs = request.now() - startedAt;
    // A step that has the person's own streams may leave a server running, unless it was stopped.
    const shouldSettle =
      request.stdio === "piped" || (tree.session === "own" && state === "stopping");
    const leftBehind = shouldSettle ? await settle(tree.root, readers, graceMs) : undefined;
    if (leftBehind !== undefined && state === "stopping") killTree(tree);
    roots.delete(tree.root);
    if (state === "stopping") await endAll(findLiving, lastStop.signal, graceMs);
    leaveTerminal(process.signalCode !== null || state === "stopping" ? "killed" : "ended");
    state = "ended";
    guarded[Symbol.dispose]();
    return {
      kind: "exited",
      code,
      durationMs,
      ...(process.signalCode !== null && { signal: String(process.signalCode) }),
      ...(leftBehind !== undefined && { leftBehind }),
    };
  };

  const findLiving = (): readonly ProcessInfo[] => [
    ...survivorsOf([...family.values()]),
    ...(lastStop.scope === "run" ? findOrphans(roots) : []),
  ];

  const stop = (signal: StopSignal, scope: Stop["scope"] = "task"): void => {
    if (state === "ended") return;
    state = "stopping";
    lastStop = { signal, scope };
    // What is forked away from a dying parent while we look would be lost.
    if (scope === "run") adoptOrphans();
    for (const info of familyOf(tree)) family.set(`${info.pid} ${info.startedAt}`, info);
    // Ctrl-C reaches the whole foreground group from the terminal; twice would mean "at once" to many.
    const isTold =
      request.stdio === "foreground" && signal === "SIGINT" && !isNew(request.now() - startedAt);
    if (signal === "SIGKILL") killTree(tree);
    else if (!isTold) signalTree(tree, signal);
  };

  return { pid: tree.root, exited: wait(), stop };
}

/** It may have been started when the terminal had already told the group. */
function isNew(ageMs: number): boolean {
  return ageMs < 100;
}

function describeStartFailure(request: SpawnRequest, error: unknown): string {
  const program = printable(request.executable);
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: !existsSync(request.cwd)
      ? `the directory ${printable(request.cwd)} does not exist`
      : !existsSync(request.executable)
        ? `${program} does not exist`
        : `the interpreter that ${program} names does not exist`,
    EACCES: `${program} may not be executed`,
    ENOEXEC: `${program} is no program for this system, nor a script with a #! line`,
    E2BIG: "its arguments and environment are longer than the system allows",
  };
  const reason = reasons[errnoOf(error) ?? ""] ?? printable(String(error));
  return `Failed to start '${printable(request.argv0)}': ${reason}`;
}

/** What a program prints, for vt's own use; undefined when it fails or is not there. */
export async function readOutput(
  command: readonly string[],
  cwd: AbsolutePath,
): Promise<string | undefined> {
  try {
    const child = Bun.spawn([...command], { cwd, stdio: ["ignore", "pipe", "ignore"] });
    const text = await child.stdout.text();
    return (await child.exited) === 0 ? text : undefined;
  } catch {
    return undefined; // There is no such program.
  }
}

/** What a program printed, and whether it ended well; undefined where there is no such program. */
export function readOutputNow(
  command: readonly string[],
  options: { readonly cwd: AbsolutePath; readonly environment: Environment },
): { readonly isOk: boolean; readonly stdout: string; readonly stderr: string } | undefined {
  try {
    const { cwd, environment: env } = options;
    const result = Bun.spawnSync([...command], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const [stdout, stderr] = [result.stdout.toString(), result.stderr.toString()];
    return { isOk: result.success, stdout, stderr };
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
