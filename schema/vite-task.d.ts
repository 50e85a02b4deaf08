/** What may stand in a `vite-task.json`. */
export type ViteTaskConfig = {
  /** For editors; vt does not read it. */
  readonly $schema?: string;
  /** What is cached. Only in the workspace root. */
  readonly cache?: boolean | {
    /** Whether scripts are cached. Default: false. */
    readonly scripts?: boolean;
    /** Whether tasks are cached. Default: true. */
    readonly tasks?: boolean;
  };
  /** Whether `prex` and `postx` run around the script `x`. Only in the workspace root. Default: true. */
  readonly enablePrePostScripts?: boolean;
  /** Tasks by name. */
  readonly tasks?: { readonly [name: string]: string | readonly string[] | {
    /** What to run; of several, each after the one before it ended well. Left out: the script of that name. */
    readonly command?: string | readonly string[];
    /** Where to run, relative to the package. */
    readonly cwd?: string;
    /** Tasks that must have ended well before this one starts. */
    readonly dependsOn?: readonly (string | {
      readonly task: string;
      readonly from: "dependencies" | "devDependencies" | "peerDependencies" | readonly ("dependencies" | "devDependencies" | "peerDependencies")[];
    })[];
    /** How long it may take, all its commands together: `90s`, `10m`, `1h`. Then it has failed. */
    readonly timeout?: string;
    /** `false`: never cached. An object holds the four settings below. */
    readonly cache?: boolean | {
      /** Variables the task gets and depends on. `*` and `?` are wildcards, `!` takes away. */
      readonly env?: readonly string[];
      /** Variables the task gets without depending on them. */
      readonly untrackedEnv?: readonly string[];
      /** Files the task depends on. Left out: those it was seen to read. */
      readonly input?: readonly (string | {
        readonly auto: boolean;
      } | {
        readonly pattern: string;
        readonly base: "workspace" | "package";
      })[];
      /** Files the task makes. Left out: those it was seen to write. */
      readonly output?: readonly (string | {
        readonly auto: boolean;
      } | {
        readonly pattern: string;
        readonly base: "workspace" | "package";
      })[];
    };
    /** Variables the task gets and depends on. `*` and `?` are wildcards, `!` takes away. */
    readonly env?: readonly string[];
    /** Variables the task gets without depending on them. */
    readonly untrackedEnv?: readonly string[];
    /** Files the task depends on. Left out: those it was seen to read. */
    readonly input?: readonly (string | {
      readonly auto: boolean;
    } | {
      readonly pattern: string;
      readonly base: "workspace" | "package";
    })[];
    /** Files the task makes. Left out: those it was seen to write. */
    readonly output?: readonly (string | {
      readonly auto: boolean;
    } | {
      readonly pattern: string;
      readonly base: "workspace" | "package";
    })[];
  } };
};
