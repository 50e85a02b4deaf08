import type { AbsolutePath } from "../base/path.ts";
import { clockGrainMs } from "../fingerprint/clock.ts";
import { type Declarations, declarationsWithout } from "../ipc/declarations.ts";
import type { Trace } from "../trace/access.ts";
import type { CachedItem } from "./cached-item.ts";
import type { Cancellation } from "./cancellation.ts";
import { type CapturedText, createCapture } from "./capture.ts";
import { type NotStarted, programToStart } from "./program-memo.ts";
import { type RunOutcome, runOutcome } from "./run-outcome.ts";
import type { Session, TracingStart } from "./session.ts";
import { type LeftBehind, noteLeftBehind } from "./settle.ts";
import { type SpawnRequest, spawnStep } from "./spawn.ts";

/** What was seen of the workspace; `untraced` where neither side of the step is automatic. */
type Sight =
  | { readonly kind: "traced"; readonly trace: Trace }
  | { readonly kind: "untraced" }
  | { readonly kind: "unavailable"; readonly detail: string };

/** A cached step's process that has ended, with all that was noted of it. */
export type ItemRun = {
  readonly kind: "finished";
  readonly item: CachedItem;
  /** The one that was started: `item` has the one that was found when its unit was looked up. */
  readonly program: AbsolutePath;
  readonly outcome: RunOutcome;
  readonly text: CapturedText;
  readonly sight: Sight;
  readonly declarations: Declarations;
  readonly leftBehind: LeftBehind | undefined;
  /** Nanoseconds since the epoch. */
  readonly startedAt: bigint;
};

/** Runs a cached step under the tracer, passing its text on and keeping it. */
export async function spawnTraced(
  item: CachedItem,
  cancellation: Cancellation,
  session: Session,
): Promise<ItemRun | NotStarted> {
  const { step, policy } = item;
  const program = programToStart(step, item.program, session);
  if (typeof program !== "string") return program;
  using _spawning = session.profile.begin("spawn", step);
  const start = policy.input.isAuto || policy.output.isAuto ? session.beginTrace() : undefined;
  using _trace = start?.kind === "tracing" ? start.trace : undefined;
  const tell = (problem: string): void =>
    session.emit({ kind: "note", step, text: `task communication failed: ${problem}` });
  const channel = session.openToolChannel(item.toolEnvironment, tell);
  if (typeof channel === "string") tell(channel);
  using server = typeof channel === "string" ? undefined : channel?.server;
  const variables = typeof channel === "string" ? {} : (channel?.variables ?? {});
  await settleClock(session);
  const startedAt = BigInt(session.now()) * 1_000_000n;
  const capture = createCapture();
  const child = spawnStep({
    ...launch({ ...item, program }, start, variables),
    cwd: step.cwd,
    stdio: "piped",
    onChunk: (stream, bytes) => {
      capture.add(stream, bytes);
      session.emit({ kind: "output", step, stream, bytes });
    },
    now: session.now,
  });
  using _stop = cancellation.onStop((stopSignal) =>
    child.stop(stopSignal, cancellation.cause()?.kind === "timed-out" ? "task" : "run"),
  );
  const result = await child.exited;
  if (result.kind === "not-started") return result;
  const declarations =
    (await server?.finish()) ??
    declarationsWithout(typeof channel === "string" ? channel : undefined);
  const survivor = start?.kind === "tracing" ? start.trace.survivors(child.pid)[0] : undefined;
  const leftBehind = result.leftBehind ?? survivor;
  if (leftBehind !== undefined && cancellation.cause() === undefined)
    noteLeftBehind(leftBehind, step, session);
  return {
    kind: "finished",
    item,
    program,
    outcome: runOutcome(result, cancellation),
    text: capture.finish(),
    sight: lookBack(start),
    declarations,
    leftBehind,
    startedAt,
  };
}

function launch(
  { step, program, args }: CachedItem,
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

/**
 * On a coarse clock, what an earlier step wrote just now could not be told from what is changed once
 * this one runs: let the clock move on.
 */
async function settleClock(session: Session): Promise<void> {
  if (!session.isClockFine()) await Bun.sleep(clockGrainMs);
}
