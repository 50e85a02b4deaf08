// `npm run build`: the native library, then everything of `src/` and the library as one executable.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { version } from "../package.json";
import { buildNative } from "./native.ts";
import { hostTarget, type Target } from "./targets.ts";

const root = join(import.meta.dir, "..");
const dist = join(root, "dist");

/** Builds `dist/vt` for `target`. Throws with the compiler's messages when it cannot. */
export async function compile(target: Target): Promise<void> {
  await buildNative(target);
  await Bun.build({
    entrypoints: [join(root, "src/main.ts")],
    target: "bun",
    define: { VT_VERSION: JSON.stringify(version), VT_LIBC: JSON.stringify(target.libc) },
    // Lazy imports that are not taken cost nothing, and nothing is parsed at start.
    format: "esm",
    splitting: true,
    bytecode: true,
    minify: true,
    sourcemap: "linked",
    compile: {
      target: target.bun,
      outfile: join(dist, "vt"),
      // vt runs in other people's directories and must not load their settings into itself. The
      // argument stops `BUN_OPTIONS=--preload`, which no setting can switch off.
      autoloadDotenv: false,
      autoloadBunfig: false,
      // A hit is over before compiled code would pay for its compilation; src/base/jit.ts ends this.
      jitPolicy: 30,
      execArgv: ["--disallow-code-generation-from-strings=strict"],
    },
  });
  // The executable holds its own copies.
  for (const map of new Bun.Glob("*.map").scanSync(dist)) await rm(join(dist, map));
}

if (import.meta.main) {
  const target = hostTarget();
  await compile(target);
  console.log(`dist/vt ${version} for ${target.name}`);
}
