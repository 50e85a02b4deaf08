import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { absolutePath } from "../../src/base/path.ts";
import { plan } from "../../src/plan/plan.ts";
import type { ExecutionGraph, Step } from "../../src/plan/step.ts";
import { parseRunOptions } from "../../src/task/run-options.ts";
import { displayTaskId } from "../../src/task/task.ts";
import { loadTasks } from "../../src/task/task-graph.ts";
import { loadPackages } from "../../src/workspace/package-graph.ts";
import { findWorkspace } from "../../src/workspace/root.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

/** A package of a sample workspace; the key "" is the root, which is named `root`. */
type SamplePackage = {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: readonly string[];
  readonly tasks?: Readonly<Record<string, unknown>>;
  /** More of `vite-task.json`. */
  readonly config?: Readonly<Record<string, unknown>>;
};

export type SampleRun = {
  readonly packages: Readonly<Record<string, SamplePackage>>;
  /** What follows `vt run`. */
  readonly args: readonly string[];
  /** Package to stand in; the root when absent. */
  readonly from?: string;
  readonly environment?: Readonly<Record<string, string>>;
};

/**
 * Plans a run in a workspace that is really there. Every program but `missing` is found, in `/bin`; `made-before` will be in
 * `bin` of the root, once something has made it.
 */
export async function planSample(sample: SampleRun): Promise<ExecutionGraph> {
  await using directory = await temporaryDirectory();
  const root = directory.path;
  for (const [name, content] of Object.entries(sample.packages)) {
    writePackage(join(root, directoryOf(name)), name, content);
  }
  const cwd = absolutePath(join(root, directoryOf(sample.from ?? "")));
  const packages = loadPackages(await findWorkspace(cwd));
  const graph = plan(
    {
      workspace: {
        root,
        packages,
        tasks: loadTasks(packages),
        findChanges: () => ({ files: [], ref: "main" }),
      },
      host: {
        cwd,
        executable: absolutePath("/opt/vt"),
        environment: { PATH: "/bin", HOME: "/me", ...sample.environment },
      },
      isCacheOff: false,
      warn: () => undefined,
      isDirectory: (path) => !path.endsWith("missing"),
      locateProgram: ({ name }) => ({
        found: name === "missing" ? undefined : absolutePath(`/bin/${name}`),
        expected: name === "made-before" ? absolutePath(`${root}/bin/${name}`) : undefined,
      }),
    },
    parseRunOptions(sample.args),
  );
  return withoutRoot(graph, root);
}

function directoryOf(name: string): string {
  return name === "" ? "." : `packages/${name}`;
}

function writePackage(directory: string, name: string, content: SamplePackage): void {
  const manifest = {
    name: name === "" ? "root" : name,
    version: "1.0.0",
    scripts: content.scripts ?? {},
    dependencies: Object.fromEntries((content.dependencies ?? []).map((to) => [to, "workspace:*"])),
    ...(name === "" && { workspaces: ["packages/*"] }),
  };
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "package.json"), JSON.stringify(manifest));
  const config = { ...content.config, tasks: content.tasks ?? {} };
  writeFileSync(join(directory, "vite-task.json"), JSON.stringify(config));
}

/** The plan as it would be in a workspace at `/w`. */
function withoutRoot(graph: ExecutionGraph, root: string): ExecutionGraph {
  return JSON.parse(JSON.stringify(graph).replaceAll(root, "/w")) as ExecutionGraph;
}

/** A line for each step, `task: directory$ command`; a nested run is indented below its task's name. */
export function describePlan(graph: ExecutionGraph, indent = ""): string[] {
  return graph.nodes.flatMap((node) => {
    const name = displayTaskId(node.task);
    const after = node.dependencies.map((index) => displayTaskId(taskAt(graph, index)));
    const head = `${indent}${name}${after.length === 0 ? "" : ` after ${after.join(", ")}`}`;
    return [
      head,
      ...node.items.flatMap((item) =>
        item.kind === "nested"
          ? [`${indent}  run`, ...describePlan(item.graph, `${indent}    `)]
          : [`${indent}  ${item.step.cwdText}$ ${item.step.commandText}`],
      ),
    ];
  });
}

function taskAt({ nodes }: ExecutionGraph, index: number) {
  const node = nodes[index];
  if (node === undefined) throw new Error(`no node ${index}`);
  return node.task;
}

/** Every step, nested ones included, in the order of the plan. */
export function stepsOf(graph: ExecutionGraph): Step[] {
  return graph.nodes.flatMap(({ items }) =>
    items.flatMap((item) => (item.kind === "step" ? [item.step] : stepsOf(item.graph))),
  );
}

/** The messages of what keeps a run from being planned, outermost first. */
export async function planFailure(sample: SampleRun): Promise<string[]> {
  try {
    await planSample(sample);
  } catch (error) {
    const messages: string[] = [];
    for (let cause = error; cause instanceof Error; cause = cause.cause)
      messages.push(cause.message);
    return messages;
  }
  return [];
}
