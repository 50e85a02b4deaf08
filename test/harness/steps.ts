/*
 * `steps.toml` of a fixture: what is done to a copy of it, case by case.
 *
 *     [[case]]
 *     name = "a sentence that would be true in the manual"
 *     env = { VT_CONCURRENCY = "1" }          # for every run of the case
 *     steps = [
 *       "vt run build",                       # the same as { run = "vt run build" }
 *       { run = "vt run build", cwd = "packages/a", env = { MODE = "x" }, streams = "apart" },
 *       { write = "a.txt", text = "one\n" },  # parents are made
 *       { append = "a.txt", text = "two\n" },
 *       { rename = "a.txt", to = "b.txt" },
 *       { chmod = "b.txt", mode = "755" },
 *       { symlink = "link", to = "b.txt" },
 *       { touch = "b.txt" },                  # an hour into the past
 *       { remove = "dist" },                  # a file, files by a glob, or a whole directory
 *       { show = "dist" },                    # into the transcript: a file, or every path below
 *       { checkout = "elsewhere" },           # later steps work in a second copy, with the same cache
 *     ]
 */

export type RunStep = {
  readonly run: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly streams?: "apart";
};

/** A step that changes or shows files. */
export type FileStep =
  | { readonly write: string; readonly text: string }
  | { readonly append: string; readonly text: string }
  | { readonly rename: string; readonly to: string }
  | { readonly chmod: string; readonly mode: string }
  | { readonly symlink: string; readonly to: string }
  | { readonly touch: string }
  | { readonly remove: string }
  | { readonly show: string };

type TestStep = RunStep | FileStep | { readonly checkout: string };

export type Case = {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly steps: readonly TestStep[];
};

/** The fields that each kind of step has, and may have. */
const fields: Readonly<Record<string, readonly string[]>> = {
  run: ["cwd", "env", "streams"],
  write: ["text"],
  append: ["text"],
  rename: ["to"],
  chmod: ["mode"],
  symlink: ["to"],
  touch: [],
  remove: [],
  show: [],
  checkout: [],
};

/** Throws on anything that is not in the list above, so that a typo does not pass as a test. */
export function parseCases(toml: string): readonly Case[] {
  const { case: cases } = Bun.TOML.parse(toml) as {
    case: readonly (Case & { steps: unknown[] })[];
  };
  return cases.map(({ name, env = {}, steps }) => ({ name, env, steps: steps.map(parseStep) }));
}

function parseStep(step: unknown): TestStep {
  if (typeof step === "string") return { run: step };
  const names = Object.keys(step as object);
  const kind = names.find((name) => name in fields);
  const others = names.filter((name) => name !== kind);
  if (kind === undefined || others.some((name) => !fields[kind]?.includes(name))) {
    throw new Error(`not a step: ${JSON.stringify(step)}`);
  }
  return step as TestStep;
}
