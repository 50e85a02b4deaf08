import { type AbsolutePath, resolvePath, toWorkspacePath } from "../base/path.ts";

/** Where a command runs. */
export type Directory = {
  readonly path: AbsolutePath;
  /** As a person reads it: from the root on where it lies below it, with every `..` left in. */
  readonly text: string;
};

export function directoryAt(root: AbsolutePath, path: AbsolutePath): Directory {
  return { path, text: toWorkspacePath(root, path) ?? path };
}

/** Where `cd target` leads from `from`. As in a shell, links play no part in what `..` means. */
export function changeDirectory(root: AbsolutePath, from: Directory, target: string): Directory {
  const path = resolvePath(from.path, target);
  if (target.startsWith("/")) return directoryAt(root, path);
  return { path, text: from.text === "" ? target : `${from.text}/${target}` };
}
