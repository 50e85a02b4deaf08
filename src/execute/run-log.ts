import type { WorkspacePath } from "../base/path.ts";
import type { SkipReason } from "../cache/skip.ts";
import type { StepUse } from "../cache/store.ts";
import type { Step } from "../plan/step.ts";
import { displayTaskId } from "../task/task.ts";
import type { RunOrder } from "./run-order.ts";

/** A step of this run that wrote something. */
export type Writer = {
  readonly step: Step;
  /** Its cache entry, once it has one, and what was noted with it. */
  entry: { readonly id: number; readonly steps: readonly StepUse[] } | undefined;
  /** Why it must not have one: a step without an order to it wrote the same path. */
  rivalry: SkipReason | undefined;
};

/** A path that two steps wrote which could have run at once; `writer` is the other one. */
export type Conflict = { readonly path: WorkspacePath; readonly writer: Writer };

/** Who wrote what in this run: two steps without an order must not write one path. */
export class RunLog {
  readonly #order: RunOrder;
  readonly #writers = new Map<WorkspacePath, Writer>();

  constructor(order: RunOrder) {
    this.#order = order;
  }

  /** Notes the files and links that a step has written; tells the first that it should not have. */
  add(
    step: Step,
    paths: Iterable<WorkspacePath>,
  ): { readonly writer: Writer; readonly conflict: Conflict | undefined } {
    const writer: Writer = { step, entry: undefined, rivalry: undefined };
    let conflict: Conflict | undefined;
    for (const path of paths) {
      const other = this.#writers.get(path);
      const isRival =
        other !== undefined && other.step !== step && !this.#order.areOrdered(step, other.step);
      if (isRival) conflict ??= { path, writer: other };
      this.#writers.set(path, writer);
    }
    return { writer, conflict };
  }

  /** Another task of this run that wrote `path`, by its display name. */
  writerOf(path: string, step: Step): string | undefined {
    const writer = this.#writers.get(path as WorkspacePath);
    const name = writer && displayTaskId(writer.step.task);
    return name === displayTaskId(step.task) ? undefined : name;
  }
}
