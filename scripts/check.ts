// `npm run check`: types, lint, formatting, dead code. `npm run fix`: what can be mended by itself. The commands are
// tasks of vt's own vite-task.json, run here without vt, which may not have been built yet.
import { join } from "node:path";
import { tasks } from "../vite-task.json";

const root = join(import.meta.dir, "..");

/** Tasks, in the order in which they are run. The last finds what is kept alive by nothing but its own test. */
export const checks = ["types", "lint", "dead-code", "dead-code-without-tests"] as const;

/** Runs a command of an installed tool, its text shown. Returns whether it found nothing. */
async function didPass(name: string, command: string): Promise<boolean> {
  console.log(`\n# ${name}: ${command}`);
  const [program = "", ...args] = command.split(" ");
  const path = join(root, "node_modules/.bin", program);
  const child = Bun.spawn([path, ...args], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  return (await child.exited) === 0;
}

if (import.meta.main) {
  let failed = 0;
  const commands = process.argv.includes("--fix")
    ? [["fix", "biome check --write"] as const]
    : checks.map((name) => [name, tasks[name].command] as const);
  for (const [name, command] of commands) {
    if (!(await didPass(name, command))) failed += 1;
  }
  process.exitCode = failed === 0 ? 0 : 1;
}
