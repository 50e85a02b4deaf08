import { mkdir } from "node:fs/promises";
import { join } from "node:path";

const sources = join(import.meta.dir, "programs");

/** What is measured besides task runners, and what measures it: paths of executables. */
export type Programs = {
  readonly task: string;
  readonly floor: string;
  /** Runs steps, watches them and keeps what comes of them: see `programs/keeper.c`. */
  readonly keeper: string;
  readonly stopwatch: string;
  /** An empty program, compiled as vt is. */
  readonly emptyBun: string;
};

/** Builds them in `directory` with the machine's C compiler. Throws with its messages when it cannot. */
export async function buildPrograms(directory: string): Promise<Programs> {
  await mkdir(directory, { recursive: true });
  const [task, floor, keeper, stopwatch, emptyBun] = await Promise.all([
    compileC("task", directory),
    compileC("floor", directory),
    compileC("keeper", directory),
    compileC("stopwatch", directory),
    compileBun("empty", directory),
  ]);
  return { task, floor, keeper, stopwatch, emptyBun };
}

async function compileC(name: string, directory: string): Promise<string> {
  const output = join(directory, name);
  const flags = ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", output];
  const compiler = Bun.spawn(["cc", ...flags, join(sources, `${name}.c`)], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if ((await compiler.exited) !== 0) throw new Error(`cc could not build ${name}.c`);
  return output;
}

/** With the settings of `scripts/compile.ts`, so that only what the program does differs. */
async function compileBun(name: string, directory: string): Promise<string> {
  const output = join(directory, name);
  await Bun.build({
    entrypoints: [join(sources, `${name}.ts`)],
    target: "bun",
    format: "esm",
    bytecode: true,
    minify: true,
    compile: {
      outfile: output,
      autoloadDotenv: false,
      autoloadBunfig: false,
      execArgv: ["--disallow-code-generation-from-strings=strict"],
    },
  });
  return output;
}
