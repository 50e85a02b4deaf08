import { expect, test } from "bun:test";
import { resolve } from "node:path";
import fc from "fast-check";
import {
  absolutePath,
  directoryOf,
  parentOf,
  resolvePath,
  toWorkspacePath,
  workspacePath,
} from "../../src/base/path.ts";

/** Pieces that mean something in a path, and some that only look like it. */
const piece = fc.constantFrom("/", "//", ".", "..", "...", "a", "b.c", ".d", "e.", "é", " ");
const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
const absolute = text.map((path) => absolutePath(`/${path}`));

test("a path is resolved as the system's own rules have it", () => {
  fc.assert(
    fc.property(absolute, fc.array(text, { maxLength: 3 }), (from, path) => {
      expect<string>(resolvePath(from, ...path)).toBe(resolve(from, ...path));
    }),
    { numRuns: 2000 },
  );
});

test("the directory of a path is what `..` leads to", () => {
  fc.assert(
    fc.property(absolute, (path) => {
      expect<string>(directoryOf(path)).toBe(resolve(path, ".."));
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ["/w", "/w", ""],
  ["/w", "/w/a/b", "a/b"],
  ["/w", "/wide", undefined],
  ["/w", "/", undefined],
  ["/w/a", "/w", undefined],
  ["/", "/a", "a"],
  ["/", "/", ""],
])("from the root %s, %s is %p", (root, path, expected) => {
  const found: string | undefined = toWorkspacePath(absolutePath(root), absolutePath(path));
  expect(found).toBe(expected);
});

test("the directory that holds a path is told whatever was asked before", () => {
  const paths = ["a/b", "a/c", "ab/c", "b/a", "a", "", "a/b/c", "a/bc", "a/b/d", "/a", "a"];
  const parents = paths.map((path) => parentOf(workspacePath(path)));
  expect<string[]>(parents).toEqual(["a", "a", "ab", "b", "", "", "a/b", "a", "a/b", "", ""]);
});
