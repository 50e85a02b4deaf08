import type { Cache } from "../cache/cache.ts";
import { type ProgramMemory, Programs } from "../cache/programs.ts";
import type { HashMemo } from "../fingerprint/hash-memo.ts";
import type { FindProgram } from "../plan/program.ts";

/**
 * The programs as they are now. While nothing of this run is running, one look at each has to do;
 * whatever runs may install others, so then, and once more afterwards, everything is looked at anew.
 */
export class ProgramMemo {
  readonly #memory: ProgramMemory;
  #known: Programs | undefined;
  #changing = 0;
  #areAsPlanned = true;

  /** `found` has looked at what the plan needed. */
  constructor(cache: Cache, hashes: HashMemo, found: FindProgram) {
    this.#memory = { cache, hashes, told: new Map() };
    this.#known = new Programs(this.#memory, found);
  }

  now(): Programs {
    if (this.#changing > 0) return new Programs(this.#memory);
    this.#known ??= new Programs(this.#memory);
    return this.#known;
  }

  /** Whether nothing of this run has changed anything yet, so that all programs are those that the plan found. */
  get areAsPlanned(): boolean {
    return this.#areAsPlanned;
  }

  /** To be held while something runs or files are put in place or removed. */
  changing(): Disposable {
    this.#changing += 1;
    this.#areAsPlanned = false;
    return {
      [Symbol.dispose]: () => {
        this.#changing -= 1;
        this.#known = undefined;
      },
    };
  }
}
