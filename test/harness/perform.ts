import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { appendFile, chmod, mkdir, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { redact } from "./redact.ts";
import type { FileStep, RunStep } from "./steps.ts";
import { runVt, runVtApart } from "./vt.ts";
import type { Workspace } from "./workspace.ts";

/** Runs vt and returns its part of the transcript. `environment` is that of the case. */
export async function performRun(
  workspace: Workspace,
  step: RunStep,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const [program, ...args] = (step.run.match(/'[^']*'|\S+/g) ?? []).map(unquote);
  if (program !== "vt") throw new Error(`only vt is run, not ${step.run}`);
  const options = { cwd: step.cwd ?? "", environment: { ...environment, ...step.env } };
  const place = step.cwd === undefined ? "" : ` in \`${step.cwd}\``;
  const settings = Object.entries(step.env ?? {}).map(
    ([name, value]) => ` with \`${name}=${value}\``,
  );
  const title = `## \`${step.run}\`${place}${settings.join("")}\n`;
  if (step.streams === "apart") {
    const { exitCode, stdout, stderr } = await runVtApart(workspace, args, options);
    const parts = [
      `stdout:\n\n${block(stdout, workspace)}`,
      `stderr:\n\n${block(stderr, workspace)}`,
    ];
    return [title, ...parts, exit(exitCode)].join("\n");
  }
  const { exitCode, text } = await runVt(workspace, args, options);
  return [title, block(text, workspace), exit(exitCode)].join("\n");
}

/** Changes or shows files and returns the step's part of the transcript. */
export async function performOnFiles(workspace: Workspace, step: FileStep): Promise<string> {
  const at = (path: string): string => join(workspace.root, path);
  if ("write" in step) {
    await mkdir(dirname(at(step.write)), { recursive: true });
    await writeFile(at(step.write), step.text);
    return `## write \`${step.write}\`\n\n${block(step.text, workspace)}`;
  }
  if ("append" in step) {
    await appendFile(at(step.append), step.text);
    return `## append to \`${step.append}\`\n\n${block(step.text, workspace)}`;
  }
  if ("rename" in step) {
    await rename(at(step.rename), at(step.to));
    return `## rename \`${step.rename}\` to \`${step.to}\`\n`;
  }
  if ("chmod" in step) {
    await chmod(at(step.chmod), Number.parseInt(step.mode, 8));
    return `## chmod ${step.mode} \`${step.chmod}\`\n`;
  }
  if ("symlink" in step) {
    await symlink(step.to, at(step.symlink));
    return `## link \`${step.symlink}\` to \`${step.to}\`\n`;
  }
  if ("touch" in step) {
    const anHourAgo = lstatSync(at(step.touch)).mtimeMs / 1000 - 3600;
    await utimes(at(step.touch), anHourAgo, anHourAgo);
    return `## touch \`${step.touch}\`\n`;
  }
  if ("remove" in step) {
    for (const path of expand(workspace.root, step.remove)) await rm(at(path), { recursive: true });
    return `## remove \`${step.remove}\`\n`;
  }
  const lines = describe(workspace.root, step.show);
  return `## show \`${step.show}\`\n\n${block(lines.join("\n"), workspace)}`;
}

/** The path itself, or the files that it matches as a glob: at least one. */
function expand(root: string, path: string): readonly string[] {
  if (!path.includes("*")) return [path];
  const found = [...new Bun.Glob(path).scanSync({ cwd: root, dot: true })];
  if (found.length === 0) throw new Error(`nothing matches ${path}`);
  return found;
}

function unquote(word: string): string {
  return word.startsWith("'") ? word.slice(1, -1) : word;
}

function block(text: string, workspace: Workspace): string {
  if (text === "") return "(nothing)\n";
  const end = text.endsWith("\n") ? "" : "\n";
  return `\`\`\`\n${redact(text, workspace)}${end}\`\`\`\n`;
}

function exit(code: number): string {
  return code === 0 ? "" : `exit ${code}\n`;
}

/** One line for `path` and for each path below it, sorted: kind, mode where it is unusual, content. */
function describe(root: string, path: string): readonly string[] {
  const absolute = join(root, path);
  const stat = lstatSync(absolute, { throwIfNoEntry: false });
  if (stat === undefined) return [`${path} (missing)`];
  if (stat.isSymbolicLink()) return [`${path} -> ${readlinkSync(absolute)}`];
  const mode = (stat.mode & 0o777).toString(8);
  if (stat.isDirectory()) {
    const names = readdirSync(absolute).sort();
    const line = `${path}/${mode === "755" ? "" : ` ${mode}`}`;
    return [line, ...names.flatMap((name) => describe(root, `${path}/${name}`))];
  }
  const content = JSON.stringify(readFileSync(absolute, "utf8"));
  return [`${path}${mode === "644" ? "" : ` ${mode}`}: ${content}`];
}
