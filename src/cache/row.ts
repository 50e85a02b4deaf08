import { closeSync, constants, openSync, readSync } from "node:fs";
import type { ManifestEntry } from "../archive/manifest.ts";
import { type Digest, DigestStream } from "../base/digest.ts";
import { type AbsolutePath, diskPath, type WorkspacePath } from "../base/path.ts";
import type { Tree } from "../fingerprint/tree.ts";
import { stampKind, stampPermissions, stampSize } from "../native/stamp.ts";

const piece = Buffer.allocUnsafe(1024 * 1024);

/** What stands at a path, as a manifest row; undefined when it is nothing that a row can describe. */
export function describeRow(tree: Tree, path: WorkspacePath): ManifestEntry | undefined {
  const at = tree.at(path);
  const stamp = tree.stamp(at);
  const mode = stampPermissions(stamp) & 0o777;
  switch (stampKind(stamp)) {
    case "directory":
      return { kind: "directory", path, mode };
    case "link": {
      const target = tree.linkTarget(at);
      return target === undefined ? undefined : { kind: "link", path, target };
    }
    case "file": {
      const digest = digestFile(at);
      return digest && { kind: "file", path, mode, size: stampSize(stamp), digest };
    }
    default:
      return undefined;
  }
}

/** Whether the tree holds what the row says. The content of a file is read only if all else agrees. */
export function isRowInPlace(tree: Tree, row: ManifestEntry): boolean {
  const at = tree.at(row.path);
  const stamp = tree.stamp(at);
  if (stampKind(stamp) !== row.kind) return false;
  if (row.kind === "link") return tree.linkTarget(at) === row.target;
  if ((stampPermissions(stamp) & 0o777) !== row.mode) return false;
  if (row.kind === "directory") return true;
  return stampSize(stamp) === row.size && digestFile(at) === row.digest;
}

function digestFile(path: AbsolutePath): Digest | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(
      diskPath(path),
      constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW,
    );
    const digest = new DigestStream();
    for (let count = readSync(descriptor, piece); count > 0; count = readSync(descriptor, piece))
      digest.update(piece.subarray(0, count));
    return digest.finish();
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
