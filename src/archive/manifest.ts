import type { Digest } from "../base/digest.ts";
import type { WorkspacePath } from "../base/path.ts";

/** One output of a step, with the state it had at the end of the run. */
export type ManifestEntry =
  | {
      readonly kind: "file";
      readonly path: WorkspacePath;
      readonly size: number;
      /** Permission bits within 0777. */
      readonly mode: number;
      readonly digest: Digest;
    }
  | { readonly kind: "directory"; readonly path: WorkspacePath; readonly mode: number }
  | {
      readonly kind: "link";
      readonly path: WorkspacePath;
      /** Its text, as it stands in the link. */
      readonly target: string;
    };

export type FileEntry = Extract<ManifestEntry, { kind: "file" }>;
export type DirectoryEntry = Extract<ManifestEntry, { kind: "directory" }>;

/** Every output of a step, sorted by path, no path twice. The archive is only a bag of bytes beside it. */
export type Manifest = readonly ManifestEntry[];

/** Whether two rows say the same of one path. */
export function isSameRow(a: ManifestEntry, b: ManifestEntry): boolean {
  if (a.path !== b.path) return false;
  if (a.kind === "link") return b.kind === "link" && a.target === b.target;
  if (b.kind === "link" || a.kind !== b.kind || a.mode !== b.mode) return false;
  return a.kind === "directory" || (b.kind === "file" && a.digest === b.digest);
}

/** The file that holds the contents of a manifest's files. */
export type ArchiveReference = {
  readonly digest: Digest;
  /** Bytes, compressed. */
  readonly size: number;
};
