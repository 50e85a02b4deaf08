import { once } from "../base/once.ts";
import { unitKey } from "../cache/key.ts";
import { beginRunning, type RunningStep } from "../cache/running.ts";
import { addRange, readUnits, recordUnits, type UnitRange } from "../cache/units.ts";
import { Exclusions } from "../fingerprint/exclusions.ts";
import { Tree } from "../fingerprint/tree.ts";
import type { Step } from "../plan/step.ts";
import type { CachedItem } from "./cached-item.ts";
import type { Kept } from "./keep-result.ts";
import type { UnitItems } from "./prepared-unit.ts";
import { programInScratch, programToStart } from "./program-memo.ts";
import type { LookupSession } from "./session.ts";
import { hasMet, type Touches } from "./touches.ts";
import type { UnitRun } from "./unit-run.ts";

/** What is run or replayed as a whole: a step that is not cached, or the steps of a unit. */
export type RowPart =
  | { readonly kind: "uncached"; readonly step: Step }
  | ({ readonly kind: "unit" } & RowUnit);

export type RowUnit = UnitRange & {
  /** Those of `items`, and what `vt` does itself in between. */
  readonly steps: readonly Step[];
  readonly items: UnitItems;
};

/** A unit that is done with, and its run, unless it was replayed. */
type Finished = UnitRange & {
  readonly touches: Touches;
  readonly run: FinishedRun | undefined;
};

export type FinishedRun = { readonly unitRun: UnitRun; readonly kept: Kept };

/**
 * What a unit has run into: units right before it that are one with it, first to last; `unwatched` when
 * one of them was replayed, so that nobody knows what the whole would have done.
 */
export type Met = readonly FinishedRun[] | "unwatched";

/** Steps that run one after another, and which of them turn out to be one to the cache. */
export class Row implements Disposable {
  readonly #session: LookupSession;
  readonly #items: Map<Step, CachedItem>;
  readonly #steps: readonly Step[];
  readonly #finished: Finished[] = [];
  /** By the place of their steps in the row; nearly always there are none. */
  readonly #scratchPrograms = once(() =>
    this.#steps.flatMap((step, index) => {
      const name = programInScratch(step, this.#session);
      return name === undefined ? [] : [{ index, name }];
    }),
  );
  #units: readonly UnitRange[];
  #running: RunningStep | undefined;

  constructor(steps: readonly Step[], session: LookupSession) {
    this.#session = session;
    this.#steps = steps;
    this.#items = new Map(
      steps.flatMap((step) => {
        const item = session.planned.itemOf(step);
        return item === undefined ? [] : [[step, item] as const];
      }),
    );
    this.#units = this.#isSingle ? [] : readUnits(session.cache, this.#key);
  }

  /** In order; as far as is known by now, what meets is together. */
  parts(): readonly RowPart[] {
    const cached = [...this.#items];
    const parts: RowPart[] = [];
    let end = 0;
    for (const [index, step] of this.#steps.entries()) {
      if (index < end) continue;
      const from = cached.findIndex(([other]) => other === step);
      const [, first] = cached[from] ?? [];
      if (first === undefined) {
        parts.push({ kind: "uncached", step });
        continue;
      }
      const to = this.#units.find((unit) => unit.from === from)?.to ?? from;
      const members = cached.slice(from, to + 1);
      end = this.#steps.indexOf(members.at(-1)?.[0] ?? step) + 1;
      const items: UnitItems = [first, ...members.slice(1).map(([, item]) => item)];
      parts.push({ kind: "unit", from, to, steps: this.#steps.slice(index, end), items });
    }
    return parts;
  }

  /**
   * The unit as it is when its turn has come, with the programs that are found now: those that the plan found may
   * have been made, replaced or removed by what came before.
   */
  atTurn(unit: RowUnit): RowUnit {
    const [first, ...others] = unit.items.map((item) => this.#atTurn(item));
    if (first === undefined) return unit;
    const name = this.#wantedAfter(unit);
    const items: UnitItems = [
      name === undefined ? first : { ...first, wantedProgram: name },
      ...others,
    ];
    return { ...unit, items };
  }

  /** The first program that a step after the unit runs and that the unit may make without a result that has it. */
  #wantedAfter({ steps }: RowUnit): string | undefined {
    const wanted = this.#scratchPrograms();
    const last = steps.at(-1);
    if (wanted.length === 0 || last === undefined) return undefined;
    const end = this.#steps.indexOf(last);
    return wanted.find(({ index }) => index > end)?.name;
  }

  #atTurn(item: CachedItem): CachedItem {
    const program = programToStart(item.step, item.program, this.#session);
    // Where there is none, the start will say so.
    if (typeof program !== "string" || program === item.program) return item;
    const renewed = this.#session.planned.itemWith(item, program);
    this.#items.set(item.step, renewed);
    return renewed;
  }

  /** Whether there is nothing in the row but this unit, so that it can meet nobody. */
  isWhole({ from, to }: UnitRange): boolean {
    return to - from + 1 === this.#items.size;
  }

  /** Whether nothing in the row comes after the unit. */
  isLast({ to }: UnitRange): boolean {
    return to + 1 === this.#items.size;
  }

  itemOf(step: Step): CachedItem | undefined {
    return this.#items.get(step);
  }

  /** To be called before the first of its steps is run. */
  begin(): void {
    if (this.#isSingle) return;
    const { cache, pid } = this.#session;
    this.#running ??= beginRunning(cache, [this.#key], pid);
  }

  /** Whether another vt runs these steps, too: then what one item sees may be the other's doing. */
  isShared(): boolean {
    return this.#running?.soFar() === "shared";
  }

  /**
   * The units before `unit` that it meets, and those in between; they are no longer on record as
   * units of their own. Remembers for the next time that all of these are one.
   */
  meet(unit: UnitRange, touches: () => Touches): Met {
    const met = this.#metBy(unit, touches);
    const runs = met.flatMap(({ run }) => run ?? []);
    if (runs.length < met.length) return "unwatched";
    this.#finished.length -= met.length;
    return runs;
  }

  /**
   * Notes a unit that was replayed. Returns the runs before it that are one with it, as it turns out:
   * what was stored of them will not be looked for here any more.
   */
  replay(unit: UnitRange, touches: () => Touches): readonly FinishedRun[] {
    const runs = this.#metBy(unit, touches).flatMap(({ run }) => run ?? []);
    this.finish(unit, touches);
    return runs;
  }

  #metBy({ from, to }: UnitRange, touches: () => Touches): readonly Finished[] {
    if (this.#finished.length === 0) return [];
    const later = touches();
    const { root, hashes, cache } = this.#session;
    const exclusions = new Exclusions(new Tree(root, hashes), cache.place);
    const first = this.#finished.findIndex((earlier) =>
      hasMet(earlier.touches, later, (directory, name) => exclusions.hides(directory, name)),
    );
    if (first === -1) return [];
    const met = this.#finished.slice(first);
    this.#remember({ from: met[0]?.from ?? from, to });
    return met;
  }

  /** Notes what a unit, joined with those it met, has done. */
  finish(unit: UnitRange, touches: () => Touches, run?: FinishedRun): void {
    if (this.#isSingle) return;
    this.#finished.push({ from: unit.from, to: unit.to, touches: touches(), run });
  }

  [Symbol.dispose](): void {
    this.#running?.end();
  }

  get #isSingle(): boolean {
    return this.#items.size < 2;
  }

  get #key(): ReturnType<typeof unitKey> {
    return unitKey([...this.#items.values()].map(({ key }) => key));
  }

  #remember(range: UnitRange): void {
    const units = addRange(this.#units, range);
    if (JSON.stringify(units) === JSON.stringify(this.#units)) return;
    this.#units = units;
    recordUnits(this.#session.cache, this.#key, units);
  }
}
