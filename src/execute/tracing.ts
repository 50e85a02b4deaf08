import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import type { Environment } from "../base/host.ts";
import { type AbsolutePath, absolutePath, diskPath } from "../base/path.ts";
import { loadLibrary } from "../native/library.ts";
import { Tracer } from "../trace/tracer.ts";
import type { TracingStart } from "./session.ts";

export type TracingOptions = {
  readonly root: AbsolutePath;
  readonly environment: Environment;
};

/** The tracer of one run. It is set up when the first step needs it, since most runs need none. */
export class Tracing implements Disposable {
  readonly #options: TracingOptions;
  #directory: AbsolutePath | undefined;
  #state: Tracer | string | undefined;

  constructor(options: TracingOptions) {
    this.#options = options;
  }

  /** Begins to trace one step; where that cannot be done, says why. */
  begin(): TracingStart {
    this.#state ??= this.#open();
    return typeof this.#state === "string"
      ? { kind: "unavailable", detail: this.#state }
      : { kind: "tracing", trace: this.#state.begin() };
  }

  [Symbol.dispose](): void {
    if (this.#state instanceof Tracer) this.#state[Symbol.dispose]();
    if (this.#directory !== undefined)
      rmSync(diskPath(this.#directory), { recursive: true, force: true });
  }

  #open(): Tracer | string {
    const { root, environment } = this.#options;
    const mode = environment["VT_TRACE"] ?? "full";
    if (mode !== "full" && mode !== "preload") return `VT_TRACE is "${mode}"`;
    const library = loadLibrary(environment);
    if (typeof library === "string") return library;
    this.#directory = privateDirectory(environment);
    return Tracer.open({ library, mode, directory: this.#directory, roots: rootsOf(root) });
  }
}

/** Only its owner may look into it. */
function privateDirectory(environment: Environment): AbsolutePath {
  const place = environment["TMPDIR"] || "/tmp";
  return absolutePath(mkdtempSync(`${place}/vt-`));
}

/** The workspace may be reached through a link; a program may use either name. */
function rootsOf(root: AbsolutePath): AbsolutePath[] {
  const real = absolutePath(realpathSync(diskPath(root)));
  return real === root ? [root] : [root, real];
}
