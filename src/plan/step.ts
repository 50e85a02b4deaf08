import type { AbsolutePath, WorkspacePath } from "../base/path.ts";
import type { GlobConfig, TaskId } from "../task/task.ts";

/** Remembers which cache entry a step used last, so that a miss can be explained. */
export type StepKey = {
  readonly packagePath: WorkspacePath;
  readonly task: string;
  /** Position among the steps of the task, its hooks included. */
  readonly index: number;
  readonly extraArgs: readonly string[];
};

/** Why a step is not looked up in the cache. */
export type CacheOffReason =
  | { readonly kind: "built-in" }
  | { readonly kind: "task-config" }
  | { readonly kind: "workspace-config" }
  | { readonly kind: "flag" }
  /** `VT_CACHE=off` */
  | { readonly kind: "environment" }
  | { readonly kind: "nested-command" };

export type CachePolicy = {
  /** What `env` matched, sorted by name: part of the cache key. */
  readonly trackedEnv: readonly (readonly [name: string, value: string])[];
  /** The `untrackedEnv` patterns as written, the built-in list included, sorted. */
  readonly untrackedEnv: readonly string[];
  /** The patterns that the task itself has in `untrackedEnv`: no tool can make those count. */
  readonly listedUntrackedEnv: readonly string[];
  readonly input: GlobConfig;
  readonly output: GlobConfig;
};

type StepAction =
  | {
      readonly kind: "process";
      readonly program: AbsolutePath;
      /**
       * Present where it was looked for by its name: then it is looked for again when the step's turn has come, since
       * what ran before may have made or removed it. `expected`: it was not there yet, and is to be made.
       */
      readonly search?: "found" | "expected";
      /** argv[0], as written in the command. */
      readonly name: string;
      readonly args: readonly string[];
    }
  | { readonly kind: "echo"; readonly text: string };

/** One simple command of a task: the unit that runs, and that is cached. */
export type Step = {
  readonly key: StepKey;
  readonly task: TaskId;
  /** Of a script that `vite-task.json` does not name. */
  readonly isScript?: true;
  /** The command as a person reads it, extra arguments included. */
  readonly commandText: string;
  /** The directory as a person reads it: workspace-relative, not normalised; "" is the root. */
  readonly cwdText: string;
  readonly cwd: AbsolutePath;
  readonly action: StepAction;
  /** Everything the process gets. Of a cached step only what its configuration lets through. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the process would have had without that filter; a tool may ask for it. */
  readonly unfilteredEnvironment: Readonly<Record<string, string>>;
  readonly cache:
    | {
        readonly kind: "on";
        readonly policy: CachePolicy;
        /** `--force`, of this run or a nested one: run it whatever the cache has, and store the result. */
        readonly isForced: boolean;
      }
    | { readonly kind: "off"; readonly reason: CacheOffReason };
};

export type PlanItem =
  | { readonly kind: "step"; readonly step: Step }
  | { readonly kind: "nested"; readonly graph: ExecutionGraph };

/** A task and the steps that run for it, one after another. */
export type ExecutionNode = {
  readonly task: TaskId;
  readonly items: readonly PlanItem[];
  /** Indices of nodes of the same graph that must have ended well before this one starts. */
  readonly dependencies: readonly number[];
  /** How long all of it together may take; absent: as long as it likes. */
  readonly timeoutMs?: number;
};

/** Exactly what will run. Nodes are sorted so that dependencies come first. */
export type ExecutionGraph = {
  readonly nodes: readonly ExecutionNode[];
  /** How many nodes may run at once; Infinity for `--parallel`. */
  readonly concurrency: number;
  /** `--continue`: after a failure, all that does not depend on it runs, too. */
  readonly isContinuing?: boolean;
};
