import { execFile } from "node:child_process";
import { cp, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { UserError } from "../../../src/base/error.ts";
import { type AbsolutePath, comparePaths, workspacePath } from "../../../src/base/path.ts";
import { selectPackages } from "../../../src/workspace/filter.ts";
import { parseFilters } from "../../../src/workspace/filter-syntax.ts";
import { loadPackages, type PackageGraph } from "../../../src/workspace/package-graph.ts";
import { findWorkspace } from "../../../src/workspace/root.ts";
import { writeFiles } from "../write-files.ts";
import type { Sample } from "./arbitrary.ts";

/** pnpm as it comes from npm. To be held with `await using`. */
export type Pnpm = AsyncDisposable & {
  /** What pnpm's own filter selects in a workspace that need not be there: directories, sorted. */
  readonly select: (sample: Sample, filters: readonly string[]) => Promise<readonly string[]>;
  /** What `pnpm list` shows in a workspace on the disk. */
  readonly list: (
    root: string,
    from: string,
    filters: readonly string[],
  ) => Promise<readonly string[]>;
};

type FilterPackages = (
  packages: readonly { readonly rootDir: string; readonly manifest: object }[],
  filters: readonly { readonly filter: string; readonly followProdDepsOnly: false }[],
  options: {
    readonly prefix: string;
    readonly workspaceDir: string;
    readonly linkWorkspacePackages: boolean;
    readonly useGlobDirFiltering: true;
  },
) => Promise<{ readonly selectedProjectsGraph: Readonly<Record<string, unknown>> }>;

/** Installs what `install/bun.lock` names. */
export async function installPnpm(): Promise<Pnpm> {
  const base = await mkdtemp(join(await realpath(tmpdir()), "pnpm-"));
  const install = join(base, "install");
  await cp(join(import.meta.dir, "install"), install, { recursive: true });
  await promisify(execFile)(process.execPath, ["install", "--frozen-lockfile", "--silent"], {
    cwd: install,
  });
  const modules = join(install, "node_modules");
  const { filterPackages } = (await import(
    join(modules, "@pnpm/filter-workspace-packages/lib/index.js")
  )) as { readonly filterPackages: FilterPackages };
  return {
    select: async (sample, filters) => {
      const packages = Object.entries(sample.packages).map(([place, manifest]) => ({
        rootDir: join("/w", place),
        manifest,
      }));
      const { selectedProjectsGraph } = await filterPackages(
        packages,
        filters.map((filter) => ({ filter, followProdDepsOnly: false })),
        {
          prefix: join("/w", sample.from),
          workspaceDir: "/w",
          linkWorkspacePackages: sample.linkWorkspacePackages,
          useGlobDirFiltering: true,
        },
      );
      return placesBelow("/w", Object.keys(selectedProjectsGraph));
    },
    list: async (root, from, filters) => {
      const { stdout } = await promisify(execFile)(
        "node",
        [
          join(modules, "pnpm/bin/pnpm.cjs"),
          ...["list", "--json", "--depth", "-1"],
          ...filters.flatMap((filter) => ["--filter", filter]),
        ],
        { cwd: join(root, from), env: { PATH: process.env["PATH"], HOME: base, CI: "1" } },
      );
      // In place of an empty list it says in words that there is none.
      const found = stdout.trimStart().startsWith("[") ? JSON.parse(stdout) : [];
      return placesBelow(
        root,
        (found as { readonly path: string }[]).map(({ path }) => path),
      );
    },
    [Symbol.asyncDispose]: () => rm(base, { recursive: true }),
  };
}

function placesBelow(root: string, directories: readonly string[]): readonly string[] {
  return directories.map((path) => path.slice(root.length + 1)).sort(comparePaths);
}

/** Writes the workspace of a sample, and reads it as vt does. */
export async function loadSample(root: AbsolutePath, sample: Sample): Promise<PackageGraph> {
  const manifests = Object.entries(sample.packages).map(
    ([place, manifest]) => [join(place, "package.json"), manifest] as const,
  );
  writeFiles(root, {
    ...Object.fromEntries(manifests),
    "pnpm-workspace.yaml": `packages: ["**"]\nlinkWorkspacePackages: ${sample.linkWorkspacePackages}\n`,
  });
  return loadPackages(await findWorkspace(root));
}

/** What vt selects: directories, sorted; or the name that could be several packages. */
export function selectByVt(
  graph: PackageGraph,
  from: string,
  filters: readonly string[],
  changedSince: (commit: string) => ReadonlySet<string> = () => new Set(),
): readonly string[] | "ambiguous" {
  try {
    return selectPackages(
      // pnpm does not look for white space in a value.
      filters.flatMap(parseFilters),
      {
        graph,
        directory: workspacePath(from),
        changedSince: (commit) =>
          new Set([...changedSince(commit)].map((path) => workspacePath(path))),
      },
    ).packages;
  } catch (error) {
    if (error instanceof UserError && error.code === "package-ambiguous") return "ambiguous";
    throw error;
  }
}
