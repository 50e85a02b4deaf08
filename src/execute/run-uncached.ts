import type { Step } from "../plan/step.ts";
import type { Cancellation } from "./cancellation.ts";
import type { CacheStatus, StepOutcome } from "./event.ts";
import type { Session } from "./session.ts";

/** The life of a step that is not cached. */
export async function runUncached(
  step: Step,
  cancellation: Cancellation,
  session: Session,
): Promise<StepOutcome> {
  const reason = step.cache.kind === "off" ? step.cache.reason : ({ kind: "built-in" } as const);
  const status: CacheStatus = { kind: "off", reason };
  session.emit({ kind: "step-started", step, status });
  const { action } = step;
  // An echo is over before anything else can begin.
  const outcome =
    action.kind === "echo"
      ? say(step, action.text, session)
      : await start(step, action, { cancellation, session });
  session.emit({ kind: "step-finished", step, status, outcome });
  return outcome;
}

function say(step: Step, text: string, session: Session): StepOutcome {
  session.emit({ kind: "output", step, stream: "stdout", bytes: Buffer.from(text) });
  return { kind: "exited", code: 0, durationMs: 0 };
}

type PlainRun = { readonly cancellation: Cancellation; readonly session: Session };

async function start(
  step: Step,
  action: Extract<Step["action"], { readonly kind: "process" }>,
  run: PlainRun,
): Promise<StepOutcome> {
  // Loaded with the first such step: a run of hits has none.
  const { spawnPlain } = await import("./spawn-plain.ts");
  return await spawnPlain(step, action, run);
}
