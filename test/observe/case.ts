import type { RunContext } from "../../src/observe/context.ts";
import type { ScriptedRun } from "./scripted-run.ts";

export type World = {
  readonly run: ScriptedRun;
  /** Somebody else's doing, before or while the run goes on. */
  readonly put: (path: string, content: string) => void;
};

export type Case = {
  readonly name: string;
  readonly before?: (world: World) => void;
  readonly owned?: readonly string[];
  readonly overlapped?: readonly string[];
  readonly context?: Partial<RunContext>;
  readonly contextOf?: (world: World) => Partial<RunContext>;
  readonly run: (world: World) => void;
  readonly expected: {
    readonly problem?: string;
    /** `path: state`, with `?` where it may be missing and `~` where the step's own work will do. */
    readonly conditions?: readonly string[];
    readonly outputs?: readonly string[];
    readonly created?: readonly string[];
    readonly removed?: readonly string[];
  };
};
