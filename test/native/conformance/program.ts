import type { AbsolutePath } from "../../../src/base/path.ts";

/** A real command, as it is run under strace and under the tracer. */
export type Program = {
  readonly name: string;
  /** A program that has to be installed for it. */
  readonly needs?: string;
  /** Run in an empty directory with `files`; `node_modules` lies above it. */
  readonly command: readonly [program: string, ...args: string[]];
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Whatever else it needs, made once for each run. */
  readonly prepare?: (directory: AbsolutePath) => Promise<unknown>;
  /** It passes by libc's own functions, so that the preload library alone cannot do, and says so. */
  readonly isDirect?: true;
  /** Names that it makes up anew each time; what matches counts as one. */
  readonly varying?: RegExp;
};

export const sources = { "src/a.txt": "a\n", "src/b.txt": "b\n" };
