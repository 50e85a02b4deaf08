import { type AbsolutePath, resolvePath, type WorkspacePath, workspacePath } from "../base/path.ts";
import { decodePath, encodePath } from "../base/path-bytes.ts";
import type { PackedStamps } from "./conditions.ts";
import { nativeLibrary } from "./library.ts";
import { asStamp, isSameMode, isSameStamp, type Stamp, stampBytes } from "./stamp.ts";
import { statOne } from "./stat-one.ts";

/** What is to stand at a path: this and nothing else, or anything of its kind with its permissions. */
export type Expectation = {
  /** From the root of the workspace, or absolute. */
  readonly path: WorkspacePath | AbsolutePath;
  readonly stamp: Stamp;
  readonly sameness: "all" | "mode";
};

/** Expectations as the native library takes them, so that none has to be decoded to be checked. */
export type PackedExpectations = {
  readonly count: number;
  /** How many of them are about all of the stamp; they come first. */
  readonly exactCount: number;
  /** Each with a NUL behind it; the root is `.`. */
  readonly paths: Buffer;
  /** One a path, 48 bytes each. */
  readonly stamps: Buffer;
};

/** Those about all of the stamp come first, else in the given order; `more` are about all of it. */
export function packExpectations(
  expectations: readonly Expectation[],
  more: PackedStamps = { count: 0, paths: Buffer.alloc(0), stamps: Buffer.alloc(0) },
): PackedExpectations {
  const exact = expectations.filter(({ sameness }) => sameness === "all");
  const others = expectations.filter(({ sameness }) => sameness === "mode");
  const pathsOf = (some: readonly Expectation[]): Buffer =>
    packRelative(some.map(({ path }) => path));
  const stampsOf = (some: readonly Expectation[]): Buffer =>
    Buffer.concat(some.map(({ stamp }) => stamp));
  return {
    count: expectations.length + more.count,
    exactCount: exact.length + more.count,
    paths: Buffer.concat([pathsOf(exact), more.paths, pathsOf(others)]),
    stamps: Buffer.concat([stampsOf(exact), more.stamps, stampsOf(others)]),
  };
}

/** The form that they have in `PackedExpectations`. */
export function packRelative(paths: readonly (WorkspacePath | AbsolutePath)[]): Buffer {
  const text = paths.map((path) => `${path === "" ? "." : path}\0`).join("");
  return Buffer.from(encodePath(text));
}

/** Whether all are met now: one native call, which stops at the first that is not. Links are not followed. */
export function areMet(root: AbsolutePath, expectations: PackedExpectations): boolean {
  const { count, exactCount, paths, stamps } = expectations;
  if (count === 0) return true;
  const library = nativeLibrary();
  if (typeof library === "string")
    return unpackExpectations(expectations).every((one) => isMet(root, one));
  const rootText = Buffer.from(encodePath(`${root}\0`));
  return library.calls.vt_verify(rootText, paths, stamps, exactCount, count) === 1;
}

/** One by one, in their order. */
export function unpackExpectations({
  exactCount,
  paths,
  stamps,
}: PackedExpectations): Expectation[] {
  return decodePath(paths)
    .split("\0")
    .slice(0, -1)
    .map((path, index) => ({
      path: workspacePath(path === "." ? "" : path),
      stamp: asStamp(stamps.subarray(index * stampBytes, (index + 1) * stampBytes)),
      sameness: index < exactCount ? "all" : "mode",
    }));
}

function isMet(root: AbsolutePath, { path, stamp, sameness }: Expectation): boolean {
  const now = statOne(resolvePath(root, path));
  return sameness === "all" ? isSameStamp(now, stamp) : isSameMode(now, stamp);
}
