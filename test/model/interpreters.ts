import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const sources = import.meta.dir;

/**
 * Builds the interpreters of the task language into `directory`, to be put in front of `PATH`. Throws
 * when there is no C compiler.
 */
export async function buildInterpreters(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const source = join(sources, "interpreter.c");
  const compile = async (name: string, flags: readonly string[]): Promise<void> => {
    const command = ["gcc", "-O1", "-w", ...flags, "-o", join(directory, name), source];
    const compiler = Bun.spawn(command, { stdio: ["ignore", "inherit", "inherit"] });
    if ((await compiler.exited) !== 0) throw new Error(`gcc could not build ${name}`);
  };
  await Promise.all([compile("task-static", ["-static"]), compile("task-dynamic", [])]);
  const transpiler = new Bun.Transpiler({ loader: "ts", target: "node" });
  const script = transpiler.transformSync(await Bun.file(join(sources, "interpreter.ts")).text());
  const node = Bun.which("node");
  if (node === null) throw new Error("there is no node");
  symlinkSync(process.execPath, join(directory, "bun"));
  const start = { "task-node": "node", "task-bun": "bun" };
  for (const [name, program] of Object.entries(start)) {
    const text = `#!/usr/bin/env ${program}\n${script}\nmain();\n`;
    // Node goes by the name of the file that the link leads to.
    writeFileSync(join(directory, `${name}.mjs`), text, { mode: 0o755 });
    symlinkSync(`${name}.mjs`, join(directory, name));
  }
}
