import type { AbsolutePath } from "../base/path.ts";
import type { Cache } from "../cache/cache.ts";
import type { CacheKey, KeyContext } from "../cache/key.ts";
import { readSettled, type SettledEntry, type SettledRequest } from "../cache/settled.ts";
import type { ExecutionGraph, Step } from "../plan/step.ts";
import { type CachedItem, cachedItem } from "./cached-item.ts";
import { rowsOf } from "./rows.ts";

/** How many look-ups are read ahead at once: enough to be quick, few enough to take up no room. */
const aheadCount = 32;

/** The steps of a run as the cache knows them, and what is kept of their look-ups, read some at a time. */
export class PlannedItems {
  readonly #cache: Cache;
  readonly #context: KeyContext;
  readonly #items = new Map<Step, CachedItem | undefined>();
  /** Steps that are looked up by themselves and have not been read ahead, in the order of the plan. */
  readonly #waiting: Step[];
  readonly #ahead = new Map<CacheKey, SettledEntry | undefined>();

  constructor(graph: ExecutionGraph, cache: Cache, context: KeyContext) {
    this.#cache = cache;
    this.#context = context;
    this.#waiting = [...singleSteps(graph)].reverse();
  }

  /** Undefined for a step that is not cached. */
  itemOf(step: Step): CachedItem | undefined {
    if (!this.#items.has(step)) this.#items.set(step, cachedItem(step, this.#context));
    return this.#items.get(step);
  }

  /** The item of a step once its program turned out to be `program`. */
  itemWith(item: CachedItem, program: AbsolutePath): CachedItem {
    return cachedItem(item.step, this.#context, program) ?? item;
  }

  /**
   * What is kept of the last look-up of a key, read now or a little earlier in this run. That is soon
   * enough: it holds only while the tree is as it says, and whoever may use it looks.
   */
  settled(request: SettledRequest): SettledEntry | undefined {
    const { key } = request;
    if (!this.#ahead.has(key)) this.#readAhead(request);
    const settled = this.#ahead.get(key);
    this.#ahead.delete(key);
    return settled;
  }

  #readAhead(first: SettledRequest): void {
    // The first waits as well: what it has may be large, and is not to be read twice.
    const requests = new Map([[first.key, first]]);
    while (requests.size < aheadCount) {
      const step = this.#waiting.pop();
      if (step === undefined) break;
      const item = this.itemOf(step);
      if (item === undefined || requests.has(item.key)) continue;
      requests.set(item.key, { key: item.key, steps: [item.stepDigest] });
    }
    const found = readSettled(this.#cache, [...requests.values()]);
    for (const key of requests.keys()) this.#ahead.set(key, found.get(key));
  }
}

function* singleSteps(graph: ExecutionGraph): Generator<Step> {
  for (const { items } of graph.nodes)
    for (const part of rowsOf(items)) {
      if (part.kind === "nested") yield* singleSteps(part.graph);
      else {
        const cached = part.steps.filter(({ cache }) => cache.kind === "on");
        if (cached.length === 1) yield* cached;
      }
    }
}
