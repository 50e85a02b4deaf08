import type { AbsolutePath } from "../base/path.ts";
import { type NativeLibrary, nativeLibrary } from "./library.ts";
import { nativeText } from "./text.ts";

/*
 * What must not be left when vt is killed is put in the charge of the guardian, a small process that
 * is started with the first of it: see `native/guardian.h`. Where there is no native library, or the
 * system has no room for one more process, nothing is guarded.
 */

/**
 * Ends everything that `pid`, the first process of a step, has started, should vt die before the result
 * is disposed of. `pipes` are where vt reads what it prints, two at most: they stay open until then, so
 * that it does not die of their end before what it has started can be found.
 */
export function guardTree(pid: number, pipes: readonly number[]): Disposable {
  const [out = -1, err = -1] = pipes;
  return guard((library) => {
    const { vt_guard_tree, vt_forget_tree } = library.guarding();
    vt_guard_tree(nativeText(library.path), pid, out, err);
    return () => vt_forget_tree(pid);
  });
}

/** The name of the guardian among the children of vt. */
export const guardianName = "vt-guardian";

/** From now on what loses its parent becomes a child of this process, if it descends from it. */
export function adoptOrphans(): void {
  const library = nativeLibrary();
  if (typeof library !== "string") library.guarding().vt_adopt_orphans();
}

/** Removes a directory, and the files that lie in it, should vt die before the result is disposed of. */
export function guardDirectory(path: AbsolutePath): Disposable {
  return guard((library) => {
    const { vt_guard_directory, vt_forget_directory } = library.guarding();
    vt_guard_directory(nativeText(library.path), nativeText(path));
    return () => vt_forget_directory(nativeText(path));
  });
}

function guard(begin: (library: NativeLibrary) => () => void): Disposable {
  const library = nativeLibrary();
  return { [Symbol.dispose]: typeof library === "string" ? () => undefined : begin(library) };
}
