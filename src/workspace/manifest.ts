import {
  type Document,
  type FilesRead,
  fieldError,
  parseJson,
  readSource,
} from "../base/document.ts";
import { type AbsolutePath, resolvePath } from "../base/path.ts";
import { findShapeProblem, type Shape, type ValueOf } from "../base/schema.ts";

export const dependencyFields = ["dependencies", "devDependencies", "peerDependencies"] as const;
export type DependencyField = (typeof dependencyFields)[number];

/** The part of a `package.json` that means something to vt. */
export type Manifest = {
  /** "" when there is none. */
  readonly name: string;
  readonly version: string;
  readonly scripts: ReadonlyMap<string, string>;
  /** Names and ranges as written; `optionalDependencies` are among `dependencies`. */
  readonly dependencies: Readonly<Record<DependencyField, ReadonlyMap<string, string>>>;
};

const noTexts: ReadonlyMap<string, string> = new Map();

/** Of a directory without a `package.json`. */
export const emptyManifest: Manifest = toManifest({});

export type ManifestFile = {
  readonly manifest: Manifest;
  readonly document: Document;
  /** The patterns of `workspaces`, and where they stand; absent when nothing is declared. */
  readonly workspaces?: {
    readonly patterns: readonly string[];
    readonly field: readonly string[];
  };
};

export function manifestPath(directory: AbsolutePath): AbsolutePath {
  return resolvePath(directory, "package.json");
}

/**
 * The manifest of a directory, undefined where there is no `package.json`. Throws a UserError for
 * one that is malformed.
 */
export function readManifest(directory: AbsolutePath, files?: FilesRead): ManifestFile | undefined {
  const source = readSource(manifestPath(directory), "manifest-invalid", files);
  if (source === undefined) return undefined;
  const document = parseJson(source);
  const problem = findShapeProblem(document.data, shape);
  if (problem !== undefined) throw fieldError(document, problem);
  const data = document.data as ManifestData;
  const file = { manifest: toManifest(data), document };
  if (data.workspaces === undefined) return file;
  const isNested = "packages" in data.workspaces;
  const patterns = isNested ? data.workspaces.packages : data.workspaces;
  const field = isNested ? ["workspaces", "packages"] : ["workspaces"];
  return { ...file, workspaces: { patterns, field } };
}

const texts = { kind: "map", values: { kind: "text" } } as const;
const list = { kind: "list", items: { kind: "text" } } as const;

const shape = {
  kind: "object",
  isOpen: true,
  fields: {
    name: { kind: "text" },
    version: { kind: "text" },
    scripts: texts,
    dependencies: texts,
    devDependencies: texts,
    peerDependencies: texts,
    optionalDependencies: texts,
    workspaces: {
      kind: "either",
      shapes: [
        list,
        { kind: "object", isOpen: true, fields: { packages: list }, required: ["packages"] },
      ],
    },
  },
} as const satisfies Shape;

type ManifestData = ValueOf<typeof shape>;

function toManifest(data: ManifestData): Manifest {
  const { dependencies, optionalDependencies, devDependencies, peerDependencies } = data;
  return {
    name: data.name ?? "",
    version: data.version ?? "",
    scripts: toMap(data.scripts),
    dependencies: {
      dependencies: toMap(
        optionalDependencies === undefined
          ? dependencies
          : { ...dependencies, ...optionalDependencies },
      ),
      devDependencies: toMap(devDependencies),
      peerDependencies: toMap(peerDependencies),
    },
  };
}

function toMap(record: Readonly<Record<string, string>> | undefined): ReadonlyMap<string, string> {
  return record === undefined ? noTexts : new Map(Object.entries(record));
}
