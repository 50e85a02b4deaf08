import { unreachable } from "../base/assert.ts";
import type { AbsolutePath } from "../base/path.ts";
import { type Stamp, stampKind, stampPermissions, stampSize } from "../native/stamp.ts";
import type { ManifestEntry } from "./manifest.ts";
import { readLinkText } from "./read-file.ts";
import { permissionMask } from "./rules.ts";

/**
 * Whether what stands at `path`, by its stamp, is what the row says; `same-but-content` where all that
 * is left to compare is what is in the file.
 */
export function compareWithRow(
  row: ManifestEntry,
  path: AbsolutePath,
  stamp: Stamp,
): "same" | "same-but-content" | "different" {
  if (stampKind(stamp) !== row.kind) return "different";
  if (row.kind === "link") return readLinkText(path) === row.target ? "same" : "different";
  if ((stampPermissions(stamp) & permissionMask) !== row.mode) return "different";
  switch (row.kind) {
    case "directory":
      return "same";
    case "file":
      return stampSize(stamp) === row.size ? "same-but-content" : "different";
    default:
      return unreachable(row);
  }
}
