import { UserError } from "../base/error.ts";
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

/**
 * Where `cd` with these arguments leads from `from`; without any, to `home`. As in a shell, links
 * play no part in what `..` means. Whether the directory exists is not asked: an earlier command may
 * make it.
 *
 * Throws a `UserError` when there is no saying where it leads.
 */
export function changeDirectory(
  root: AbsolutePath,
  from: Directory,
  args: readonly string[],
  home: string | undefined,
): Directory {
  const [target = home, ...more] = args;
  if (more.length > 0) {
    throw new UserError(`\`cd\` takes one directory, and was given ${args.length}`, {
      code: "config-invalid",
      hint: "extra arguments go to the last command of a task",
    });
  }
  if (target === undefined) {
    throw new UserError("`cd` without a directory leads to HOME, which is not set", {
      code: "environment-invalid",
      hint: "name a directory",
    });
  }
  const path = resolvePath(from.path, target);
  if (target.startsWith("/")) return directoryAt(root, path);
  return { path, text: from.text === "" ? target : `${from.text}/${target}` };
}
