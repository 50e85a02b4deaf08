import type { Step } from "../plan/step.ts";
import type { Cancellation } from "./cancellation.ts";
import type { StepOutcome } from "./event.ts";
import { programToStart } from "./program-memo.ts";
import { runOutcome } from "./run-outcome.ts";
import type { Session } from "./session.ts";
import { noteLeftBehind } from "./settle.ts";
import { spawnStep } from "./spawn.ts";
import { chooseStdio } from "./stdio.ts";

/** Runs the process of a step that is not cached: nobody watches it, and its text is only passed on. */
export async function spawnPlain(
  step: Step,
  action: Extract<Step["action"], { readonly kind: "process" }>,
  { cancellation, session }: { readonly cancellation: Cancellation; readonly session: Session },
): Promise<StepOutcome> {
  // Ctrl-C came before there was a process that could have heard it.
  if (cancellation.cause() !== undefined) return { kind: "cancelled" };
  using _programs = session.programs.changing();
  const program = programToStart(step, action.program, session);
  if (typeof program !== "string") return program;
  using _spawning = session.profile.begin("spawn", step);
  const child = spawnStep({
    executable: program,
    argv0: action.name,
    args: action.args,
    cwd: step.cwd,
    environment: step.environment,
    stdio: chooseStdio({ log: session.logMode, cache: "off", hasTerminal: session.hasTerminal }),
    onChunk: (stream, bytes) => session.emit({ kind: "output", step, stream, bytes }),
    now: session.now,
  });
  using _ = cancellation.onStop((stopSignal) =>
    child.stop(stopSignal, cancellation.cause()?.kind === "timed-out" ? "task" : "run"),
  );
  const result = await child.exited;
  if (result.kind === "not-started") return result;
  const { leftBehind } = result;
  if (leftBehind !== undefined && cancellation.cause() === undefined)
    noteLeftBehind(leftBehind, step, session);
  return runOutcome(result, cancellation);
}
