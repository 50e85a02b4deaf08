import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Workload } from "../measure.ts";
import type { Bench } from "../site.ts";

const missing = "program-that-is-nowhere";

/**
 * Three tasks in each package, each after the one before and after its like in another package. The very
 * last needs a program that is not there, so that vt plans everything, says so, and runs nothing.
 */
export function plan(bench: Bench, packages: number): Workload {
  const root = join(bench.directory, "plan");
  const write = (path: string, data: unknown): void =>
    writeFileSync(join(root, path), JSON.stringify(data));
  mkdirSync(root);
  write("package.json", { name: "measured", workspaces: ["packages/*"] });
  const names = Array.from(
    { length: packages },
    (_, index) => `p${String(index).padStart(4, "0")}`,
  );
  for (const [index, name] of names.entries()) {
    mkdirSync(join(root, "packages", name), { recursive: true });
    const below = names.slice(Math.max(0, index - 2), index);
    const dependencies = Object.fromEntries(below.map((other) => [other, "*"]));
    write(`packages/${name}/package.json`, { name, version: "1.0.0", dependencies });
    const last = index === packages - 1 ? missing : "true";
    const tasks = {
      generate: { command: "true", env: ["MODE"] },
      build: {
        command: "true",
        dependsOn: ["generate", ...below.map((other) => `${other}#build`)],
      },
      test: { command: last, dependsOn: ["build"], input: ["src/**", { auto: true }] },
    };
    write(`packages/${name}/vite-task.json`, { tasks });
  }
  const command = bench.runners
    .filter(({ name }) => name === "vt")
    .map(({ name, program }) => ({
      name,
      command: [program, "run", "-r", "test"],
      cwd: root,
      exitCode: 1,
    }));
  return {
    contestants: command,
    goals: { vt: { ms: 300, mebibytes: 150 } },
  };
}
