import type { GlobEntries } from "../task/config-schema.ts";
import type { Package } from "../workspace/package-graph.ts";

/** What there was before vt, in vt's words; `settleDraft` makes files of it. */
export type Draft = {
  /** Where it was read: "turbo.json". */
  readonly source: string;
  readonly tasks: readonly TaskDraft[];
  /** Settings that are not needed, since vt sees for itself what they say. */
  readonly observed: readonly string[];
  /** What vt cannot be told, and what else a person should know: a sentence each. */
  readonly remarks: readonly string[];
  /** What vt leaves to the person: changes to `package.json`. */
  readonly edits: readonly ScriptEdit[];
};

export type TaskDraft = {
  readonly owner: Package;
  readonly name: string;
  /** Whether nothing of that name can be run: it only stands for what others wait for. */
  readonly isPassage: boolean;
  /** Undefined: the script of the same name. */
  readonly commands: readonly string[] | undefined;
  /** Relative to the package; "" is the package itself. */
  readonly cwd: string;
  readonly dependsOn: readonly Wanted[];
  readonly isCached: boolean;
  /** Whether it runs until it is stopped: nothing can wait for its end. */
  readonly isEndless: boolean;
  readonly env: readonly string[];
  readonly untrackedEnv: readonly string[];
  /** Globs that take away from what is observed. */
  readonly without: { readonly input: GlobEntries; readonly output: GlobEntries };
};

/** A task that has to run before. One that is not there is not waited for. */
export type Wanted =
  | { readonly kind: "own"; readonly task: string }
  /** Of every package of the workspace that the owner depends on. */
  | { readonly kind: "upstream"; readonly task: string }
  | { readonly kind: "of"; readonly owner: Package; readonly task: string };

/** `text` undefined: the script is to be removed. */
export type ScriptEdit = {
  readonly owner: Package;
  readonly script: string;
  readonly text: string | undefined;
};

/** A cached task of which nothing is said. */
export function plainTask(owner: Package, name: string): TaskDraft {
  return {
    owner,
    name,
    isPassage: false,
    commands: undefined,
    cwd: "",
    dependsOn: [],
    isCached: true,
    isEndless: false,
    env: [],
    untrackedEnv: [],
    without: { input: [], output: [] },
  };
}

/** `observed` and `remarks` of a draft while it is made: each once, in the order in which they came up. */
export type Notes = { readonly observed: Set<string>; readonly remarks: Set<string> };

/** What becomes of a field: `taken`, `observed`, or the reason why neither. */
export type Fates = Readonly<Record<string, string>>;

/** Notes what becomes of each field of `fields`, so that none is left out in silence. */
export function noteFields(notes: Notes, file: string, fields: object, fates: Fates): void {
  for (const name of Object.keys(fields)) {
    const fate = Object.hasOwn(fates, name) ? fates[name] : undefined;
    if (fate === "observed") notes.observed.add(name);
    else if (fate !== "taken")
      notes.remarks.add(`\`${name}\` of ${file}: ${fate ?? "vt has nothing like it"}`);
  }
}
