import { fieldError, type Problem, parseYaml, readSource } from "../base/document.ts";
import { UserError } from "../base/error.ts";
import type { Data } from "../base/json-reader.ts";
import {
  type AbsolutePath,
  directoryOf,
  printable,
  resolvePath,
  toWorkspacePath,
} from "../base/path.ts";
import { findShapeProblem, type Shape, type ValueOf } from "../base/schema.ts";
import { type ManifestFile, manifestPath, readManifest } from "./manifest.ts";
import { compileMembers, type MemberRules, noMembers } from "./members.ts";

/** Where the person is, and what belongs to it. */
export type Workspace = {
  readonly root: AbsolutePath;
  readonly members: MemberRules;
  /** The directories that were searched for it, from the nearest on. */
  readonly searched: readonly AbsolutePath[];
  /** `range`: a plain range means a member whose version it admits. `protocol`: only `workspace:` does. */
  readonly linking: "range" | "protocol";
};

/**
 * The nearest directory, upwards from `cwd`, that declares a workspace; else the nearest package,
 * which then stands for itself, as does a package that the workspace around it leaves out.
 *
 * Throws a UserError when there is no package at all, and for every malformed file met on the way.
 */
export async function findWorkspace(cwd: AbsolutePath): Promise<Workspace> {
  let nearestPackage: AbsolutePath | undefined;
  const searched: AbsolutePath[] = [];
  for (const directory of ancestors(cwd)) {
    searched.push(directory);
    const declared = await readPnpmWorkspace(directory);
    const manifest = declared === undefined ? readManifest(directory) : undefined;
    const workspace = declared ?? (manifest && readWorkspaces(directory, manifest));
    if (workspace !== undefined) {
      const path = toWorkspacePath(directory, nearestPackage ?? directory) ?? "";
      const isPart = path === "" || workspace.members.matches(path);
      return { ...(isPart ? workspace : standalone(nearestPackage ?? directory)), searched };
    }
    if (manifest !== undefined) nearestPackage ??= directory;
  }
  if (nearestPackage !== undefined) return { ...standalone(nearestPackage), searched };
  throw new UserError(`No package.json found in ${printable(cwd)} or above it`, {
    code: "workspace-not-found",
    hint: "run vt inside a package or workspace",
  });
}

/** A workspace as its own files declare it. */
type Declared = Omit<Workspace, "searched">;

function standalone(root: AbsolutePath): Declared {
  return { root, members: noMembers, linking: "range" };
}

function ancestors(directory: AbsolutePath): readonly AbsolutePath[] {
  const found = [directory];
  for (;;) {
    const parent = directoryOf(found.at(-1) ?? directory);
    if (parent === found.at(-1)) return found;
    found.push(parent);
  }
}

/** npm, Yarn and Bun. */
function readWorkspaces(
  root: AbsolutePath,
  { document, workspaces }: ManifestFile,
): Declared | undefined {
  if (workspaces === undefined) return undefined;
  const members = compileMembers(workspaces.patterns);
  if (members.kind === "rules") return { root, members: members.rules, linking: "range" };
  throw fieldError(document, {
    field: [...workspaces.field, members.index],
    part: "value",
    message: members.problem,
  });
}

/** The files in a directory that say whether it is the root of a workspace, and what of. */
export function rootFiles(directory: AbsolutePath): readonly AbsolutePath[] {
  const names = [pnpmFile, npmSettings];
  return [manifestPath(directory), ...names.map((name) => resolvePath(directory, name))];
}

const pnpmFile = "pnpm-workspace.yaml";
const npmSettings = ".npmrc";

const pnpmShape = {
  kind: "either",
  shapes: [
    {
      kind: "object",
      isOpen: true,
      fields: {
        packages: {
          kind: "either",
          shapes: [{ kind: "list", items: { kind: "text" } }, { kind: "nothing" }],
        },
        linkWorkspacePackages: {
          kind: "either",
          shapes: [{ kind: "boolean" }, { kind: "choice", values: ["deep"] }],
        },
      },
    },
    { kind: "nothing" },
  ],
} as const satisfies Shape;

async function readPnpmWorkspace(root: AbsolutePath): Promise<Declared | undefined> {
  const path = resolvePath(root, pnpmFile);
  const source = readSource(path, "workspace-file-invalid");
  if (source === undefined) return undefined;
  const data = (await parseYaml(source, findPnpmProblem)) as ValueOf<typeof pnpmShape>;
  const members = compileMembers(data?.packages ?? []);
  return {
    root,
    members: members.kind === "rules" ? members.rules : noMembers,
    linking: (data?.linkWorkspacePackages ?? isLinkingInNpmrc(root)) ? "range" : "protocol",
  };
}

function findPnpmProblem(data: Data): Problem | undefined {
  const problem = findShapeProblem(data, pnpmShape);
  if (problem !== undefined) return problem;
  const members = compileMembers((data as ValueOf<typeof pnpmShape>)?.packages ?? []);
  if (members.kind === "rules") return undefined;
  return { field: ["packages", members.index], part: "value", message: members.problem };
}

/** Where pnpm before 10 had the same setting. */
function isLinkingInNpmrc(root: AbsolutePath): boolean {
  const source = readSource(resolvePath(root, npmSettings), "workspace-file-invalid");
  const text = source === undefined ? "" : new TextDecoder().decode(source.bytes);
  return /^\s*link-workspace-packages\s*=\s*(?:true|deep)\s*$/m.test(text);
}
