import type { Digest } from "../base/digest.ts";
import { type AbsolutePath, comparePaths } from "../base/path.ts";
import { type EnvQuery, queryKey } from "./env-query.ts";
import type { Reply, Request } from "./protocol.ts";
import type { ToolEnvironment, TrackedVariable } from "./tool-environment.ts";

/** Which variables a run asked for, and got. Sorted: equal ones have equal bytes. */
export type AskedEnv = {
  /** `value` is undefined when the variable was not set. */
  readonly singles: readonly { readonly name: string; readonly value: Digest | undefined }[];
  readonly queries: readonly {
    readonly query: EnvQuery;
    readonly matches: readonly TrackedVariable[];
  }[];
};

/** Everything that the processes of a step have told vt. */
export type Declarations = {
  /** Sorted; each stands for everything below it, too. */
  readonly ignoredInputs: readonly AbsolutePath[];
  readonly ignoredOutputs: readonly AbsolutePath[];
  readonly isUncacheable: boolean;
  readonly asked: AskedEnv;
  /** Names that a tool asked for, in vain: they do not count. Sorted. */
  readonly uncounted: readonly string[];
  /** Why they may not be all, or not all that counts: the first message that could not be understood, or that there was no endpoint. */
  readonly problem: string | undefined;
};

/** What is known of a step whose tools could not say anything; `problem` where they should have been able to. */
export function declarationsWithout(problem: string | undefined): Declarations {
  return {
    ignoredInputs: [],
    ignoredOutputs: [],
    isUncacheable: false,
    asked: { singles: [], queries: [] },
    uncounted: [],
    problem,
  };
}

/** Characters that declarations may hold, all processes of a step together. */
const declaredCharactersMax = 16 * 1024 * 1024;

/** What each item counts in addition to its text. */
const itemCharacters = 64;

/** Folds messages into declarations, in any order and any number of times with the same result. */
export class DeclarationLog {
  readonly #environment: ToolEnvironment;
  readonly #ignored = { input: new Set<AbsolutePath>(), output: new Set<AbsolutePath>() };
  readonly #names = new Set<string>();
  readonly #queries = new Map<string, AskedEnv["queries"][number]>();
  readonly #uncounted = new Set<string>();
  #isUncacheable = false;
  #problem: string | undefined;
  #room = declaredCharactersMax;
  readonly #onProblem: (problem: string) => void;

  /** `onProblem` is told at once what will be `problem` in the end. */
  constructor(
    environment: ToolEnvironment,
    onProblem: (problem: string) => void = () => undefined,
  ) {
    this.#environment = environment;
    this.#onProblem = onProblem;
  }

  /** Notes what is wrong; the first stays. */
  fail(problem: string): void {
    if (this.#problem !== undefined) return;
    this.#problem = problem;
    this.#onProblem(problem);
  }

  /** Notes a request and answers it. */
  answer(request: Request): Reply {
    switch (request.call) {
      case "hello":
        return { version: 1 };
      case "ignoreInput":
        return this.#note(this.#ignored.input, request.path);
      case "ignoreOutput":
        return this.#note(this.#ignored.output, request.path);
      case "disableCache":
        this.#isUncacheable = true;
        return {};
      case "getEnv": {
        const value = this.#environment.get(request.name) ?? null;
        return request.isTracked ? this.#track(request.name, { value }) : { value };
      }
      case "getEnvs": {
        const values = this.#environment.find(request.query);
        return request.isTracked ? this.#trackQuery(request.query, { values }) : { values };
      }
    }
  }

  finish(): Declarations {
    const names = [...this.#names].sort(comparePaths);
    const keys = [...this.#queries.keys()].sort(comparePaths);
    return {
      ignoredInputs: [...this.#ignored.input].sort(comparePaths),
      ignoredOutputs: [...this.#ignored.output].sort(comparePaths),
      isUncacheable: this.#isUncacheable,
      asked: {
        singles: names.map((name) => ({ name, value: this.#environment.digest(name) })),
        queries: keys.flatMap((key) => this.#queries.get(key) ?? []),
      },
      uncounted: [...this.#uncounted].sort(comparePaths),
      problem: this.#problem,
    };
  }

  #track(name: string, reply: Reply): Reply {
    const standing = this.#environment.standing(name);
    if (standing === "settled") return reply;
    if (standing === "counts") this.#checkText(name, reply.value);
    const names = standing === "counts" ? this.#names : this.#uncounted;
    return { ...reply, ...this.#note(names, name) };
  }

  #trackQuery(query: EnvQuery, reply: Reply): Reply {
    const key = queryKey(query);
    if (this.#queries.has(key)) return reply;
    const matches = this.#environment.track(query);
    const size = matches.reduce((total, [name]) => total + name.length + itemCharacters, 0);
    if (!this.#hasRoomFor(key.length + size)) return tooMuch;
    this.#queries.set(key, { query, matches });
    const counted = new Set(matches.map(([name]) => name));
    for (const [name, value] of Object.entries(reply.values ?? {}))
      if (counted.has(name)) this.#checkText(name, value);
      else if (this.#environment.standing(name) !== "settled") this.#uncounted.add(name);
    return reply;
  }

  /** What is no UTF-8 has become U+FFFD: two different values could look the same. */
  #checkText(name: string, value: string | null | undefined): void {
    if (value?.includes("\uFFFD"))
      this.fail(`the value of the variable ${name} is not valid UTF-8`);
  }

  #note<T extends string>(items: Set<T>, item: T): Reply {
    if (items.has(item)) return {};
    if (!this.#hasRoomFor(item.length)) return tooMuch;
    items.add(item);
    return {};
  }

  #hasRoomFor(characters: number): boolean {
    this.#room -= characters + itemCharacters;
    if (this.#room >= 0) return true;
    this.fail(tooMuch.error);
    return false;
  }
}

const tooMuch = { error: "more than 16 MiB of declarations" };
