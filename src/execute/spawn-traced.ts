import type { WorkspacePath } from "../base/path.ts";
import { readTreeRecord } from "../cache/lookup.ts";
import { isRowInPlace } from "../cache/row.ts";
import { beginRunning } from "../cache/running.ts";
import type { OwnedPath, TreeRecord } from "../cache/tree-record.ts";
import { clockGrainMs } from "../fingerprint/clock.ts";
import { matchFiles } from "../fingerprint/declared.ts";
import { readState } from "../fingerprint/state.ts";
import { type Declarations, declarationsWithout } from "../ipc/declarations.ts";
import { isSameStamp, type Stamp } from "../native/stamp.ts";
import type { EarlierState } from "../observe/context.ts";
import type { Trace } from "../trace/access.ts";
import type { Cancellation } from "./cancellation.ts";
import { type CapturedText, createCapture } from "./capture.ts";
import type { PreparedStep } from "./prepared-step.ts";
import type { Session, TracingStart } from "./session.ts";
import type { LeftBehind } from "./settle.ts";
import { type SpawnRequest, spawnStep } from "./spawn.ts";

/** What was seen of the workspace; `untraced` where neither side of the step is automatic. */
type Sight =
  | { readonly kind: "traced"; readonly trace: Trace }
  | { readonly kind: "untraced" }
  | { readonly kind: "unavailable"; readonly detail: string };

/** A run that has ended, with all that was noted of it. */
export type FinishedRun = {
  readonly kind: "finished";
  readonly outcome: RunOutcome;
  readonly text: CapturedText;
  readonly sight: Sight;
  readonly declarations: Declarations;
  readonly stopped: "cancelled" | "interrupted" | undefined;
  readonly leftBehind: LeftBehind | undefined;
  /** Nanoseconds since the epoch. */
  readonly startedAt: bigint;
  readonly before: BeforeRun;
  /** Another vt ran the same step at the same time. */
  readonly isShared: boolean;
};

type RunOutcome =
  | {
      readonly kind: "exited";
      readonly code: number;
      readonly signal?: string;
      readonly durationMs: number;
    }
  | { readonly kind: "cancelled" };

/** What earlier runs had left in the tree, checked before this one could change it. */
type BeforeRun = {
  readonly record: TreeRecord;
  /** Owned paths that nobody had changed. */
  readonly owned: ReadonlySet<WorkspacePath>;
  /** Outputs, but not its own, that nobody had changed since the step wrote them. */
  readonly overwritten: ReadonlySet<WorkspacePath>;
  /** Files that the `output` patterns matched. */
  readonly declaredOutputs: ReadonlyMap<WorkspacePath, Stamp>;
  /** Paths that the step read and then changed last time, although they were not its own. */
  readonly overlapped: ReadonlyMap<WorkspacePath, EarlierState>;
};

export type NotStarted = { readonly kind: "not-started"; readonly message: string };

/** Runs a cached step under the tracer, passing its text on and keeping it. */
export async function spawnTraced(
  prepared: PreparedStep,
  cancellation: Cancellation,
  session: Session,
): Promise<FinishedRun | NotStarted> {
  const { step, policy } = prepared;
  const running = beginRunning(session.cache, prepared.key, session.pid);
  const before = lookBefore(prepared, session);
  const start = policy.input.isAuto || policy.output.isAuto ? session.beginTrace() : undefined;
  using _trace = start?.kind === "tracing" ? start.trace : undefined;
  const channel = session.openToolChannel(prepared.toolEnvironment);
  using server = typeof channel === "string" ? undefined : channel.server;
  const variables = typeof channel === "string" ? {} : channel.variables;
  await settleClock(session);
  const startedAt = BigInt(session.now()) * 1_000_000n;
  const capture = createCapture();
  const child = spawnStep({
    ...launch(prepared, start, variables),
    cwd: step.cwd,
    stdio: "piped",
    onChunk: (stream, bytes) => {
      capture.add(stream, bytes);
      session.emit({ kind: "output", step, stream, bytes });
    },
    now: session.now,
  });
  using _stop = cancellation.onStop(child.stop);
  const result = await child.exited;
  const isShared = running.end() === "shared";
  if (result.kind === "not-started") return result;
  const cause = cancellation.cause();
  const declarations = (await server?.finish()) ?? declarationsWithout(String(channel));
  const survivor = start?.kind === "tracing" ? start.trace.survivors()[0] : undefined;
  const { code, signal, durationMs } = result;
  return {
    kind: "finished",
    outcome:
      cause?.kind === "step-failed"
        ? { kind: "cancelled" }
        : { kind: "exited", code, durationMs, ...(signal !== undefined && { signal }) },
    text: capture.finish(),
    sight: lookBack(start),
    declarations,
    stopped: cause && (cause.kind === "step-failed" ? "cancelled" : "interrupted"),
    leftBehind: result.leftBehind ?? survivor,
    startedAt,
    before,
    isShared,
  };
}

function launch(
  { step, program, args }: PreparedStep,
  start: TracingStart | undefined,
  forTools: Readonly<Record<string, string>>,
): Pick<SpawnRequest, "executable" | "argv0" | "args" | "environment"> {
  const name = step.action.kind === "process" ? step.action.name : program;
  const environment = { ...step.environment, ...forTools };
  if (start?.kind === "tracing") return start.trace.launch({ program, name, args, environment });
  return { executable: program, argv0: name, args, environment };
}

function lookBack(start: TracingStart | undefined): Sight {
  if (start === undefined) return { kind: "untraced" };
  if (start.kind === "unavailable") return start;
  return { kind: "traced", trace: start.trace.collect() };
}

function lookBefore({ key, tree, policy }: PreparedStep, session: Session): BeforeRun {
  const record = readTreeRecord(session.cache, key);
  const now = tree.again();
  now.prefetch([...record.owned.keys(), ...record.overlaps].map((path) => now.at(path)));
  const intact = (paths: ReadonlyMap<WorkspacePath, OwnedPath>): Set<WorkspacePath> =>
    new Set(
      [...paths.values()]
        .filter(
          ({ row, stamp }) =>
            isSameStamp(now.stamp(now.at(row.path)), stamp) || isRowInPlace(now, row),
        )
        .map(({ row }) => row.path),
    );
  const declaredOutputs = matchFiles(now, policy.output).map(
    (path) => [path, now.stamp(now.at(path))] as const,
  );
  const overlapped = record.overlaps.flatMap((path) => {
    const state = readState(now, now.at(path));
    const stamp = now.stamp(now.at(path));
    return state === undefined ? [] : [[path, { state, stamp }] as const];
  });
  return {
    record,
    owned: intact(record.owned),
    overwritten: intact(record.overwritten),
    declaredOutputs: new Map(declaredOutputs),
    overlapped: new Map(overlapped),
  };
}

/**
 * On a coarse clock, what an earlier step wrote just now could not be told from what is changed once
 * this one runs: let the clock move on.
 */
async function settleClock(session: Session): Promise<void> {
  if (!session.isClockFine()) await Bun.sleep(clockGrainMs);
}
