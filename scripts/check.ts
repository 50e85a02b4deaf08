// `npm run check`: types, lint, formatting, dead code. `npm run fix`: what can be mended by itself.
import { join } from "node:path";

const root = join(import.meta.dir, "..");

export type Check = { readonly name: string; readonly command: readonly string[] };

export const checks: readonly Check[] = [
  { name: "types", command: ["tsc"] },
  { name: "lint and formatting", command: ["biome", "check", "--error-on-warnings"] },
  { name: "dead code", command: ["knip"] },
  // Finds what is kept alive by nothing but its own test.
  { name: "dead code without the tests", command: ["knip", "--production"] },
];

const fix: Check = { name: "lint and formatting", command: ["biome", "check", "--write"] };

/** Runs one check, its text shown. Returns whether it found nothing. */
export async function didPass({ name, command }: Check): Promise<boolean> {
  console.log(`\n# ${name}: ${command.join(" ")}`);
  const [program = "", ...args] = command;
  const path = join(root, "node_modules/.bin", program);
  const child = Bun.spawn([path, ...args], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  return (await child.exited) === 0;
}

if (import.meta.main) {
  let failed = 0;
  for (const check of process.argv.includes("--fix") ? [fix] : checks) {
    if (!(await didPass(check))) failed += 1;
  }
  process.exitCode = failed === 0 ? 0 : 1;
}
