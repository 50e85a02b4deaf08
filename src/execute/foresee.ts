import { compareOutputs } from "../archive/compare.ts";
import type { WorkspacePath } from "../base/path.ts";
import { type Difference, explainDifferences } from "../cache/explain.ts";
import type { Hit } from "../cache/lookup.ts";
import type { MissReason } from "../cache/miss.ts";
import { isRowInPlace } from "../cache/row.ts";
import type { CacheOffReason, ExecutionGraph, ExecutionNode, Step } from "../plan/step.ts";
import type { TaskId } from "../task/task.ts";
import { findIdlePatterns, type IdlePattern } from "./idle-patterns.ts";
import { findResult, type PreparedUnit, prepare } from "./prepared-unit.ts";
import { Row, type RowUnit } from "./row.ts";
import { rowsOf } from "./rows.ts";
import type { LookupSession } from "./session.ts";

/** What would become of a step if it were run now. */
export type Forecast = { readonly kind: "off"; readonly reason: CacheOffReason } | CachedForecast;

type CachedForecast = (HitForecast | MissForecast | UnknownForecast) & {
  /** Of its task, told with the last step that the cache knows. */
  readonly idlePatterns?: readonly IdlePattern[];
};

type HitForecast = {
  readonly kind: "hit";
  readonly savedMs: number;
  readonly inputs: number;
  readonly outputs: number;
};

type MissForecast = {
  readonly kind: "miss";
  readonly reason: MissReason;
  readonly differences: readonly Difference[];
};

/** What comes before it will run, and may change what it depends on; `now` is how things stand without that. */
type UnknownForecast = {
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
    if (await willRowRun(part.steps, { ...outlook, after })) after ??= node.task;
  }
  return after;
}

/** Whether any of these steps, which follow each other, is going to run. */
async function willRowRun(steps: readonly Step[], outlook: Outlook): Promise<boolean> {
  const { session, forecasts } = outlook;
  using row = new Row(steps, session);
  let { after } = outlook;
  let willRun = false;
  let made: readonly WorkspacePath[] | undefined = [];
  for (const part of row.parts()) {
    if (part.kind === "uncached") {
      const forecast = foreseeUncached(part.step);
      forecasts.set(part.step, forecast);
      willRun ||= isGoingToRun(forecast);
    } else {
      const { unit, forecast, ...seen } = await foreseeUnit(row.atTurn(part), {
        ...outlook,
        after,
      });
      for (const step of part.steps)
        forecasts.set(step, row.itemOf(step) === undefined ? foreseeUncached(step) : forecast);
      made = made && seen.made && [...made, ...seen.made];
      const idlePatterns = row.isLast(part) ? findIdlePatterns(unit, unit.tree, made) : [];
      const last = unit.items.at(-1)?.step;
      if (last !== undefined && idlePatterns.length > 0)
        forecasts.set(last, { ...forecast, idlePatterns });
      willRun ||= isGoingToRun(forecast);
    }
    if (willRun) after ??= steps[0]?.task;
  }
  return willRun;
}

/** vt's own `echo` changes nothing. */
function isGoingToRun(forecast: Forecast): boolean {
  if (forecast.kind === "off") return forecast.reason.kind !== "built-in";
  return forecast.kind !== "hit";
}

function foreseeUncached({ cache }: Step): Forecast {
  return { kind: "off", reason: cache.kind === "off" ? cache.reason : { kind: "built-in" } };
}

type Foreseen = {
  readonly unit: PreparedUnit;
  readonly forecast: CachedForecast;
  /** The files that it makes; undefined where the cache has no result to tell it. */
  readonly made: readonly WorkspacePath[] | undefined;
};

/** Steps that are one to the cache have one forecast. */
async function foreseeUnit({ items }: RowUnit, { session, after }: Outlook): Promise<Foreseen> {
  const unit = prepare(items, session);
  const lookup = findResult(unit, session);
  const made = lookup.kind === "hit" ? filesOf(lookup.entry) : undefined;
  const blocked = lookup.kind === "hit" ? await findBlocked(lookup, session) : undefined;
  const reason = lookup.kind === "miss" ? lookup.reason : blocked;
  const differences = lookup.kind === "miss" ? explain(unit, session) : [];
  if (after !== undefined) {
    const now = reason === undefined ? "hit" : "miss";
    return { unit, made, forecast: { kind: "unknown", after, now, differences } };
  }
  if (reason !== undefined || lookup.kind === "miss") {
    const why = reason ?? ({ kind: "not-found" } as const);
    return { unit, made, forecast: { kind: "miss", reason: why, differences } };
  }
  return { unit, made, forecast: hitForecast(lookup.entry) };
}

function hitForecast({ items, declared, inferred, manifest }: Hit["entry"]): HitForecast {
  return {
    kind: "hit",
    savedMs: items.reduce((total, { durationMs }) => total + durationMs, 0),
    inputs: declared.length + inferred.length,
    outputs: manifest.length,
  };
}

function filesOf({ manifest }: Hit["entry"]): readonly WorkspacePath[] {
  return manifest.flatMap(({ kind, path }) => (kind === "file" ? [path] : []));
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
