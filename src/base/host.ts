import type { AbsolutePath } from "./path.ts";

/** What vt was started with, as it is found. Read once, in `main.ts`, and passed down. */
export type Surroundings = Omit<
  Host,
  "cwd" | "executable" | "isStdinTerminal" | "isStdoutTerminal"
> & {
  /** Throws what the operating system reports where the directory has been removed. */
  readonly cwd: () => string;
  readonly executable: string;
};

/** What vt knows of the world it was started in. */
export type Host = {
  readonly args: readonly string[];
  readonly environment: Environment;
  readonly cwd: AbsolutePath;
  readonly platform: string;
  readonly architecture: string;
  readonly pid: number;
  /** Its numbers, and those of its groups. */
  readonly user: readonly number[];
  /** The executable that runs now, to be started again as itself. */
  readonly executable: AbsolutePath;
  readonly isStdinTerminal: () => boolean;
  readonly isStdoutTerminal: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Microseconds since vt was started. */
  readonly elapsedUs: () => number;
};

/** Names and values of environment variables. A name with the value `undefined` counts as unset. */
export type Environment = Readonly<Record<string, string | undefined>>;
