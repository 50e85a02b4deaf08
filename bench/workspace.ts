import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What a measured workspace holds. Every package is like every other. */
export type Shape = {
  readonly packages: number;
  /** Files in each package's `src`. */
  readonly sources: number;
  /** Files that each package's build writes, and their size in bytes. */
  readonly outputs: number;
  readonly outputBytes: number;
  /** How long a build takes at least, in microseconds. */
  readonly leastUs?: number;
};

/** What a runner's configuration is written with. */
export type ConfigureWorkspace = (write: (path: string, text: string) => void) => void;

export type Workspace = {
  readonly root: string;
  /** Of each package, from the root, in layers: those of one layer depend on ones of the layer before. */
  readonly layers: readonly (readonly string[])[];
  /** From the root; every source file of every package. */
  readonly sources: readonly string[];
  readonly outputs: readonly string[];
  /** What builds a package, in its directory. */
  readonly command: string;
};

const layerCount = 3;
const dependenciesPerPackage = 2;
const sourceBytes = 512;
/** Files in one folder, of sources as of outputs. */
const folderSize = 1000;

type PackagePlan = { readonly path: string; readonly dependencies: readonly string[] };

/** Writes a workspace for one runner. Equal shapes give equal files, but for the configuration. */
export function makeWorkspace(
  root: string,
  shape: Shape,
  options: { readonly task: string; readonly configure: ConfigureWorkspace },
): Workspace {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const layers = planLayers(shape.packages);
  const plans = planPackages(layers);
  const { outputs, outputBytes, leastUs = 0 } = shape;
  const command = `${options.task} ${outputs} ${outputBytes} ${leastUs}`;
  writeRoot(root, plans, write);
  for (const plan of plans) writePackage(plan, { command, write });
  const sources = plans.flatMap(({ path }) => numbered(`${path}/src`, shape.sources));
  for (const source of sources) write(source, sourceText(source));
  options.configure(write);
  addToGit(root);
  return {
    root,
    layers,
    sources,
    outputs: plans.flatMap(({ path }) => numbered(`${path}/dist`, outputs)),
    command,
  };
}

function numbered(directory: string, count: number): readonly string[] {
  return Array.from(
    { length: count },
    (_, index) => `${directory}/${Math.floor(index / folderSize)}/${index}.txt`,
  );
}

function planLayers(packages: number): readonly (readonly string[])[] {
  const layers = Math.min(layerCount, packages);
  const paths = Array.from(
    { length: packages },
    (_, index) => `packages/p${String(index).padStart(4, "0")}`,
  );
  const perLayer = Math.ceil(packages / layers);
  return Array.from({ length: layers }, (_, layer) =>
    paths.slice(layer * perLayer, (layer + 1) * perLayer),
  );
}

function planPackages(layers: readonly (readonly string[])[]): readonly PackagePlan[] {
  return layers.flatMap((layer, number) => {
    const below = layers[number - 1] ?? [];
    return layer.map((path, index) => ({ path, dependencies: neighbours(below, index) }));
  });
}

/** A few of the layer below, spread evenly. */
function neighbours(below: readonly string[], index: number): readonly string[] {
  const chosen = Array.from(
    { length: dependenciesPerPackage },
    (_, step) => below[(index * dependenciesPerPackage + step) % below.length],
  );
  return [...new Set(chosen.filter((path) => path !== undefined))];
}

type Write = (path: string, text: string) => void;

/** As an install by Bun leaves it, which turbo then starts scripts with: npm would take 100 ms for each. */
function writeRoot(root: string, plans: readonly PackagePlan[], write: Write): void {
  const identity = { name: "measured", version: "0.0.0" };
  const workspaces = ["packages/*"];
  write(
    "package.json",
    json({ ...identity, private: true, packageManager: `bun@${Bun.version}`, workspaces }),
  );
  const locked = Object.fromEntries(
    plans.map((plan) => [
      plan.path,
      { name: nameOf(plan.path), version: "1.0.0", dependencies: dependenciesOf(plan) },
    ]),
  );
  const packages = plans.map(({ path }) => [nameOf(path), [`${nameOf(path)}@workspace:${path}`]]);
  write(
    "bun.lock",
    json({
      lockfileVersion: 1,
      workspaces: { "": { name: identity.name }, ...locked },
      packages: Object.fromEntries(packages),
    }),
  );
  write(".gitignore", "node_modules\ndist\n.turbo\n");
  mkdirSync(join(root, "node_modules"), { recursive: true });
  for (const { path } of plans) symlinkSync(`../${path}`, join(root, "node_modules", nameOf(path)));
}

function writePackage(
  plan: PackagePlan,
  { command, write }: { readonly command: string; readonly write: Write },
): void {
  const manifest = {
    name: nameOf(plan.path),
    version: "1.0.0",
    scripts: { build: command },
    dependencies: dependenciesOf(plan),
  };
  write(`${plan.path}/package.json`, json(manifest));
  const read = plan.dependencies.map((path) => `../${nameOf(path)}/dist/0/0.txt\n`);
  if (read.length > 0) write(`${plan.path}/src/deps.txt`, read.join(""));
}

function dependenciesOf({ dependencies }: PackagePlan): Readonly<Record<string, string>> {
  return Object.fromEntries(dependencies.map((path) => [nameOf(path), "workspace:*"]));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function sourceText(path: string): string {
  const line = `// ${path} holds this line as often as it takes to fill it.\n`;
  return line.repeat(Math.ceil(sourceBytes / line.length)).slice(0, sourceBytes);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Some runners list files through git; nothing is committed. */
function addToGit(root: string): void {
  for (const args of [
    ["init", "-q"],
    ["add", "-A"],
  ]) {
    const { exitCode, stderr } = Bun.spawnSync(["git", ...args], { cwd: root });
    if (exitCode !== 0) throw new Error(`git ${args.join(" ")}: ${stderr.toString()}`);
  }
}
