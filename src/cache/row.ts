import { compareWithRow } from "../archive/in-place.ts";
import type { ManifestEntry } from "../archive/manifest.ts";
import { digestFileNow } from "../archive/read-file.ts";
import { permissionMask } from "../archive/rules.ts";
import type { WorkspacePath } from "../base/path.ts";
import type { Tree } from "../fingerprint/tree.ts";
import { stampKind, stampPermissions, stampSize } from "../native/stamp.ts";

/** What stands at a path, as a manifest row; undefined when it is nothing that a row can describe. */
export function describeRow(tree: Tree, path: WorkspacePath): ManifestEntry | undefined {
  const at = tree.at(path);
  const stamp = tree.stamp(at);
  const mode = stampPermissions(stamp) & permissionMask;
  switch (stampKind(stamp)) {
    case "directory":
      return { kind: "directory", path, mode };
    case "link": {
      const target = tree.linkTarget(at);
      return target === undefined ? undefined : { kind: "link", path, target };
    }
    case "file": {
      const digest = digestFileNow(at);
      return digest && { kind: "file", path, mode, size: stampSize(stamp), digest };
    }
    default:
      return undefined;
  }
}

/** Whether the tree holds what the row says. The content of a file is read only if all else agrees. */
export function isRowInPlace(tree: Tree, row: ManifestEntry): boolean {
  const at = tree.at(row.path);
  const comparison = compareWithRow(row, at, tree.stamp(at));
  if (comparison !== "same-but-content" || row.kind !== "file") return comparison === "same";
  return digestFileNow(at) === row.digest;
}
