import { describe, expect, test } from "bun:test";
import type { Manifest } from "../../src/archive/manifest.ts";
import { linkProblem, manifestProblem, pathProblem } from "../../src/archive/rules.ts";
import { digestOf } from "../../src/base/digest.ts";
import { workspacePath } from "../../src/base/path.ts";

describe("an output lies below the workspace, at a clean path outside .git", () => {
  const cases: [path: string, problem: string | undefined][] = [
    ["dist/a.js", undefined],
    ["..a", undefined],
    ["a..", undefined],
    ["...", undefined],
    ["a\\..\\b", undefined],
    ["C:../x", undefined],
    [".gitignore", undefined],
    [".github/x", undefined],
    ["", "the workspace itself"],
    ["..", "no clean path below the workspace"],
    ["../x", "no clean path below the workspace"],
    ["a/../../x", "no clean path below the workspace"],
    ["/abs", "no clean path below the workspace"],
    ["//abs", "no clean path below the workspace"],
    ["a//b", "no clean path below the workspace"],
    ["./a", "no clean path below the workspace"],
    ["a/.", "no clean path below the workspace"],
    ["a/", "no clean path below the workspace"],
    ["a\0b", "a name with a NUL byte"],
    [".git", "a path in .git"],
    [".git/hooks/pre-commit", "a path in .git"],
    [".GIT/config", "a path in .git"],
    ["packages/a/.git/config", "a path in .git"],
  ];
  test.each(cases)("%j", (path, problem) => {
    expect(pathProblem(workspacePath(path))).toBe(problem);
  });
});

describe("a link is relative and stays in the workspace", () => {
  const up = "a link whose target goes up again after a name";
  const out = "a link that leads out of the workspace";
  const cases: [path: string, target: string, problem: string | undefined][] = [
    ["a/link", "b", undefined],
    ["a/link", "./b//c/", undefined],
    ["a/link", "..", undefined],
    ["a/link", "../b", undefined],
    ["a/b/link", "../../c/d", undefined],
    ["a/link", "..b/c", undefined],
    ["link", ".", undefined],
    ["link", "link", undefined],
    ["link", "..", out],
    ["link", "../root-evil/canary", out],
    ["link", "./../x", out],
    ["a/link", "../..", out],
    ["a/link", ".././../x", out],
    ["link", "a/..", up],
    ["link", "a/../../x", up],
    ["a/b/link", "../c/../d", up],
    ["link", "/etc/passwd", "a link to an absolute path"],
    ["link", "//x", "a link to an absolute path"],
    ["link", "", "a link without a usable target"],
    ["link", "a\0b", "a link without a usable target"],
  ];
  test.each(cases)("%s -> %j", (path, target, problem) => {
    expect(linkProblem(workspacePath(path), target)).toBe(problem);
  });
});

describe("a manifest that no vt can have written is refused", () => {
  const file = (path: string, size = 1, mode = 0o644) =>
    ({ kind: "file", path: workspacePath(path), size, mode, digest: digestOf("x") }) as const;
  const link = (path: string, target: string) =>
    ({ kind: "link", path: workspacePath(path), target }) as const;
  const directory = (path: string, mode = 0o755) =>
    ({ kind: "directory", path: workspacePath(path), mode }) as const;
  const cases: [name: string, manifest: Manifest, problem: string | undefined][] = [
    ["none", [], undefined],
    ["a whole one", [directory("a"), file("a/b"), link("a/c", "b"), file("ab")], undefined],
    ["a name twice", [file("a"), file("a")], "it is not in order"],
    ["a wrong order", [file("b"), file("a")], "it is not in order"],
    ["a way out", [file("../a")], "an output is no clean path below the workspace"],
    ["a link out", [link("a", "../b")], "an output is a link that leads out of the workspace"],
    [
      "below a file",
      [file("a"), file("a-b"), file("a/b")],
      "an output lies below one that is no directory",
    ],
    [
      "below a link",
      [link("a", "b"), file("a/b/c")],
      "an output lies below one that is no directory",
    ],
    ["setuid", [file("a", 1, 0o4755)], "an output is one with a strange mode"],
    ["a sticky directory", [directory("a", 0o1777)], "an output is one with a strange mode"],
    ["a negative size", [file("a", -1)], "an output is one with a strange size"],
    ["a fraction", [file("a", 0.5)], "an output is one with a strange size"],
    ["a huge size", [file("a", 2 ** 53)], "an output is one with a strange size"],
  ];
  test.each(cases)("%s", (_, manifest, problem) => {
    expect(manifestProblem(manifest)).toBe(problem);
  });
});
