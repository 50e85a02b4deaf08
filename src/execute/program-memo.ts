import { type AbsolutePath, toWorkspacePath } from "../base/path.ts";
import type { Cache } from "../cache/cache.ts";
import { type ProgramMemory, Programs } from "../cache/programs.ts";
import type { HashMemo } from "../fingerprint/hash-memo.ts";
import { describeNotFound, type FindProgram, isPath } from "../plan/program.ts";
import type { Step } from "../plan/step.ts";

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
        this.noteChange();
      },
    };
  }

  /** To be called once something has been changed. */
  noteChange(): void {
    this.#areAsPlanned = false;
    this.#known = undefined;
  }
}

export type NotStarted = { readonly kind: "not-started"; readonly message: string };

/**
 * The program to start for a step whose turn has come: whichever is found now, as a shell would do. What came before
 * may have made one, or removed the one that the plan found; there may be none.
 */
export function programToStart(
  { action, cwd, environment }: Step,
  planned: AbsolutePath,
  { programs, root }: { readonly programs: ProgramMemo; readonly root: AbsolutePath },
): AbsolutePath | NotStarted {
  if (action.kind === "echo" || action.search === undefined) return planned;
  if (action.search === "found" && programs.areAsPlanned) return planned;
  const request = { name: action.name, cwd, path: environment["PATH"] };
  const found = programs.now().find(request);
  return found ?? { kind: "not-started", message: describeNotFound(request, root) };
}

type Scratch = { readonly root: AbsolutePath; readonly scratch: () => readonly AbsolutePath[] };

/**
 * The path of a step's program, as written, where any step may write outside the workspace: what makes it there, and
 * what of it, is in no result.
 */
export function programInScratch({ action }: Step, { root, scratch }: Scratch): string | undefined {
  if (action.kind === "echo" || action.search === undefined || !isPath(action.name))
    return undefined;
  const { name, program } = action;
  if (toWorkspacePath(root, program) !== undefined) return undefined;
  return scratch().some((place) => program.startsWith(`${place}/`)) ? name : undefined;
}
