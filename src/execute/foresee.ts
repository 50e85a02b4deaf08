import { compareOutputs } from "../archive/compare.ts";
import { type Difference, explainDifferences } from "../cache/explain.ts";
import type { Hit } from "../cache/lookup.ts";
import type { MissReason } from "../cache/miss.ts";
import { isRowInPlace } from "../cache/row.ts";
import type { CacheOffReason, ExecutionGraph, ExecutionNode, Step } from "../plan/step.ts";
import type { TaskId } from "../task/task.ts";
import { findResult, type PreparedUnit, prepare } from "./prepared-unit.ts";
import { Row, type RowUnit } from "./row.ts";
import { rowsOf } from "./rows.ts";
import type { LookupSession } from "./session.ts";

/** What would become of a step if it were run now. */
export type Forecast =
  | { readonly kind: "off"; readonly reason: CacheOffReason }
  | {
      readonly kind: "hit";
      readonly savedMs: number;
      readonly inputs: number;
      readonly outputs: number;
    }
  | {
      readonly kind: "miss";
      readonly reason: MissReason;
      readonly differences: readonly Difference[];
    }
  /** What comes before it will run, and may change what it depends on; `now` is how things stand without that. */
  | {
      readonly kind: "unknown";
      readonly after: TaskId;
      readonly now: "hit" | "miss";
      readonly differences: readonly Difference[];
    };

/** Told of each step, in the order of the plan. */
export type Forecasts = ReadonlyMap<Step, Forecast>;

/** Asks the cache about every step of a plan. Runs nothing, and writes nothing. */
export async function foresee(graph: ExecutionGraph, session: LookupSession): Promise<Forecasts> {
  const forecasts = new Map<Step, Forecast>();
  await foreseeNodes(graph, { session, forecasts, after: undefined });
  return forecasts;
}

type Outlook = {
  readonly session: LookupSession;
  readonly forecasts: Map<Step, Forecast>;
  /** A task that comes before and will run. */
  readonly after: TaskId | undefined;
};

/** Returns a task of the graph that will run, if there is one. */
async function foreseeNodes(graph: ExecutionGraph, outlook: Outlook): Promise<TaskId | undefined> {
  const running: (TaskId | undefined)[] = [];
  for (const node of graph.nodes) {
    const before = node.dependencies.map((index) => running[index]).find((task) => task);
    running.push(await foreseeNode(node, { ...outlook, after: outlook.after ?? before }));
  }
  return running.find((task) => task);
}

async function foreseeNode(node: ExecutionNode, outlook: Outlook): Promise<TaskId | undefined> {
  let { after } = outlook;
  for (const part of rowsOf(node.items)) {
    if (part.kind === "nested") {
      after = (await foreseeNodes(part.graph, { ...outlook, after })) ?? after;
      continue;
    }
    using row = new Row(part.steps, outlook.session);
    for (const unit of row.parts()) {
      const forecast =
        unit.kind === "uncached"
          ? foreseeUncached(unit.step)
          : await foreseeUnit(unit, { ...outlook, after });
      for (const step of unit.kind === "uncached" ? [unit.step] : unit.steps) {
        const isPart = row.itemOf(step) !== undefined;
        outlook.forecasts.set(step, isPart ? forecast : foreseeUncached(step));
      }
      if (isGoingToRun(forecast)) after ??= node.task;
    }
  }
  return after;
}

/** vt's own `echo` changes nothing. */
function isGoingToRun(forecast: Forecast): boolean {
  if (forecast.kind === "off") return forecast.reason.kind !== "built-in";
  return forecast.kind !== "hit";
}

function foreseeUncached({ cache }: Step): Forecast {
  return { kind: "off", reason: cache.kind === "off" ? cache.reason : { kind: "built-in" } };
}

/** Steps that are one to the cache have one forecast. */
async function foreseeUnit({ items }: RowUnit, { session, after }: Outlook): Promise<Forecast> {
  const unit = prepare(items, session);
  const lookup = findResult(unit, session);
  const blocked = lookup.kind === "hit" ? await findBlocked(lookup, session) : undefined;
  const reason = lookup.kind === "miss" ? lookup.reason : blocked;
  const differences = lookup.kind === "miss" ? explain(unit, session) : [];
  if (after !== undefined)
    return { kind: "unknown", after, now: reason === undefined ? "hit" : "miss", differences };
  if (reason !== undefined || lookup.kind === "miss")
    return { kind: "miss", reason: reason ?? { kind: "not-found" }, differences };
  const { items: entryItems, declared, inferred, manifest } = lookup.entry;
  return {
    kind: "hit",
    savedMs: entryItems.reduce((total, { durationMs }) => total + durationMs, 0),
    inputs: declared.length + inferred.length,
    outputs: manifest.length,
  };
}

async function findBlocked(
  { entry }: Hit,
  { root }: LookupSession,
): Promise<MissReason | undefined> {
  const { manifest, outputStamps } = entry;
  const { blocked } = await compareOutputs({ root, manifest, known: outputStamps });
  return blocked[0] && { kind: "output-blocked", path: blocked[0] };
}

function explain(unit: PreparedUnit, { cache }: LookupSession): readonly Difference[] {
  if (unit.items[0].isForced) return [];
  return explainDifferences(cache, unit, (row) => isRowInPlace(unit.tree, row));
}
