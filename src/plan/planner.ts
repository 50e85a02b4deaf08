import type { Host } from "../base/host.ts";
import type { AbsolutePath } from "../base/path.ts";
import type { QueryContext } from "../task/query.ts";
import type { SelectEnvironment } from "./environment-selector.ts";
import type { ProgramFinder } from "./program.ts";
import type { SplitText } from "./task-commands.ts";

/** What planning needs to know of the world. */
export type PlanWorld = {
  readonly workspace: QueryContext;
  readonly host: Pick<Host, "environment" | "cwd" | "executable">;
  readonly locateProgram: ProgramFinder["locate"];
  /** Whether there is a directory at the path, a link to one included. */
  readonly isDirectory: (path: AbsolutePath) => boolean;
  /** Whether the person has switched the cache off for good, whatever a task or a flag says. */
  readonly isCacheOff: boolean;
  /** Told of options that select nothing. */
  readonly warn: (text: string) => void;
};

/** The same, with what one planning keeps in mind. */
export type Planner = PlanWorld & {
  readonly selectEnvironment: SelectEnvironment;
  readonly splitText: SplitText;
  /** How much has been planned so far. */
  readonly count: {
    commands: number;
    /** Nested runs that were left out, wholly or in part, since they asked for what was being run. */
    ownRuns: number;
  };
};
