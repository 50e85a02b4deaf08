// `npm run build`: everything of `src/` and the native library as one executable for this machine.
import { rm } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { version } from "../package.json";
import { helpText } from "../src/cli/help.ts";
import { buildHostNative, buildNative, nativeFiles } from "./native.ts";
import { executableOf, hostTarget, type Target } from "./targets.ts";

const root = join(import.meta.dir, "..");

/** Builds `dist/vt` for this machine. Throws with the compiler's messages when it cannot. */
export async function compileHost(): Promise<void> {
  const native = await buildHostNative();
  const target = hostTarget();
  await compile(target, { outfile: join(root, "dist", executableOf(target)), native });
}

type CompileOptions = {
  readonly outfile: string;
  /** The Bun that it is appended to; by default the one that runs. */
  readonly runtime?: string;
  /** Where the native files are that it embeds; by default they are built. */
  readonly native?: string;
};

/** Builds vt for `target` as `outfile`. */
export async function compile(target: Target, options: CompileOptions): Promise<void> {
  const { outfile, runtime, native = await buildNative(target) } = options;
  await Bun.build({
    entrypoints: [join(root, "src/main.ts")],
    target: "bun",
    define: {
      VT_VERSION: JSON.stringify(version),
      VT_LIBC: JSON.stringify(target.libc),
      VT_HELP: JSON.stringify(helpText("vt")),
    },
    plugins: [embedFrom(native), inPieces],
    // Lazy imports that are not taken cost nothing, and nothing is parsed at start.
    format: "esm",
    splitting: true,
    bytecode: true,
    minify: true,
    sourcemap: "linked",
    compile: {
      target: target.bun,
      ...(runtime !== undefined && { executablePath: runtime }),
      outfile,
      // vt runs in other people's directories and must not load their settings into itself. The
      // argument stops `BUN_OPTIONS=--preload`, which no setting can switch off.
      autoloadDotenv: false,
      autoloadBunfig: false,
      // A hit is over before compiled code would pay for its compilation, and in a run that is not the
      // compiler would take processors from the tasks.
      jitPolicy: 60,
      execArgv: ["--disallow-code-generation-from-strings=strict"],
    },
  });
  // The executable holds its own copies.
  const directory = dirname(outfile);
  for (const map of new Bun.Glob("*.map").scanSync(directory)) await rm(join(directory, map));
}

/** Sources name the native files of this machine; embedded are those in `directory`. */
function embedFrom(directory: string): Bun.BunPlugin {
  const names = nativeFiles.map((name) => RegExp.escape(name)).join("|");
  return {
    name: "native files",
    setup: (build) => {
      build.onResolve({ filter: new RegExp(`/build/native/(${names})$`) }, ({ path }) => ({
        path: join(directory, path.slice(path.lastIndexOf("/") + 1)),
      }));
    },
  };
}

/** What every start loads, and what every `vt run` loads then. */
const pieces: ReadonlyMap<string, string> = new Map([
  [join(root, "src/main.ts"), "?main"],
  [join(root, "src/cli/recall.ts"), "?recall"],
]);

/**
 * Gives each of the `pieces` copies of its own of all that it imports. The bundler would share that with the
 * rest of vt, as a handful of small files, and each of those takes longer to load than it runs. Nothing in a
 * copy has to be known to the rest.
 */
const inPieces: Bun.BunPlugin = {
  name: "pieces",
  setup: (build) => {
    build.onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path, importer, kind }) => {
      const resolved = resolve(root, dirname(importer), path);
      const around = pieces.get(importer) ?? /\?\w+$/.exec(importer)?.[0];
      const piece = pieces.get(resolved) ?? (kind === "import-statement" ? around : undefined);
      if (piece === undefined) return { path: resolved };
      // The executable holds this name, and nothing of the machine that it was built on.
      return { path: relative(root, resolved) + piece, namespace: "piece" };
    });
    build.onLoad({ filter: /./, namespace: "piece" }, async ({ path }) => ({
      contents: await Bun.file(join(root, path.replace(/\?\w+$/, ""))).text(),
      loader: "ts",
    }));
  },
};

if (import.meta.main) {
  await compileHost();
  console.log(`dist/vt ${version} for ${hostTarget().name}`);
}
