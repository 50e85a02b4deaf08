import { expect, test } from "bun:test";
import { compileGlobs, type RebasedGlob, rebaseGlob } from "../../src/base/glob.ts";
import { workspacePath } from "../../src/base/path.ts";

function isMatch(pattern: string, path: string, negative: readonly string[] = []): boolean {
  return compileGlobs({ positive: [pattern], negative }).matches(workspacePath(path));
}

const yes: readonly (readonly [pattern: string, path: string])[] = [
  ["*", "a"],
  ["*", ".a"],
  ["*.ts", "a.ts"],
  ["?", "é"],
  ["a?c", "abc"],
  ["**", ""],
  ["**", "a/.b/c"],
  ["**/b", "b"],
  ["**/b", "x/y/b"],
  ["a/**", "a"],
  ["a/**", "a/b/.c"],
  ["a/**/b", "a/b"],
  ["a/**/b", "a/x/y/b"],
  ["**/x/**/y/**/z", "x/1/y/2/3/z"],
  ["a**b", "axxb"],
  ["[!a]x", "bx"],
  ["[^a]x", "bx"],
  ["[a-c]x", "bx"],
  ["[]a]x", "]x"],
  ["[\\]]x", "]x"],
  ["[a-]x", "-x"],
  ["[[:alpha:]]x", "bx"],
  ["{a,b}.{ts,js}", "b.ts"],
  ["{a,b/c}/d", "b/c/d"],
  ["{a,{b,c}}", "c"],
  ["{,a}b", "b"],
  ["{a\\,b,c}", "a,b"],
  ["{*a,*b,*c,*d}", "xd"],
  ["\\*", "*"],
  ["\\[id\\].ts", "[id].ts"],
  ["a,b", "a,b"],
  ["app/(group)/*.ts", "app/(group)/a.ts"],
  ["+(a)*", "+(a)b"],
  ["@(a)*", "@(a)"],
  ["!(a)*", "!(a)b"],
  ["a|b*", "a|bc"],
  ['"a"*', '"a"b'],
  ["'a'*", "'a'b"],
  ["$a^*", "$a^b"],
  ["#a*", "#ab"],
  ["~*", "~a"],
  ["a b*", "a bc"],
  ["*", "a\nb"],
  ["**", "a/\nb/c"],
  ["..a*", "..ab"],
  ["*", "\udcff"],
  ["src/*.ts", "src/\udcff.ts"],
];

const no: readonly (readonly [pattern: string, path: string])[] = [
  ["*", "a/b"],
  ["?", "/"],
  ["*.ts", "a.tsx"],
  ["a/*", "a"],
  ["a/**/b", "a/bc"],
  ["dist", "dist/a"],
  ["[!a]x", "ax"],
  ["[^/]x", "/x"],
  ["\\*", "a"],
  ["+(a)", "aa"],
  ["(a|b)", "a"],
  ["a**b", "a/b"],
  ["A", "a"],
  ["a.b", "axb"],
  ["**/b", "ab"],
];

test.each(yes)("the glob %p matches %p", (pattern, path) => {
  expect(isMatch(pattern, path)).toBe(true);
});

test.each(no)("the glob %p does not match %p", (pattern, path) => {
  expect(isMatch(pattern, path)).toBe(false);
});

test("a path that a negative glob matches does not belong", () => {
  expect(isMatch("src/**", "src/gen/a.ts", ["**/gen/**"])).toBe(false);
  expect(isMatch("src/**", "src/a.ts", ["**/gen/**"])).toBe(true);
});

test("negative globs alone match nothing", () => {
  const { matches, prefixes } = compileGlobs({ positive: [], negative: ["a"] });
  expect(matches(workspacePath("b"))).toBe(false);
  expect(prefixes).toEqual([]);
});

const rebased: readonly (readonly [pattern: string, base: string, expected: string])[] = [
  ["src/*.ts", "packages/a", "packages/a/src/*.ts"],
  ["src/*.ts", "", "src/*.ts"],
  ["dist/", "packages/a", "packages/a/dist/**"],
  ["dist/**/", "", "dist/**"],
  [".", "packages/a", "packages/a/**"],
  ["..", "packages/a", "packages/**"],
  ["./src//a/../*.ts", "", "src/*.ts"],
  ["../b/**", "packages/a", "packages/b/**"],
  ["../../*.json", "packages/a", "*.json"],
  ["*", "packages/[a]{b},c*", "packages/\\[a\\]\\{b\\}\\,c\\*/*"],
  ["a\\/b", "", "a\\/b"],
];

test.each(rebased)("the glob %p in %p is %p", (pattern, base, expected) => {
  const result: RebasedGlob = { kind: "pattern", pattern: expected };
  expect(rebaseGlob(pattern, workspacePath(base))).toEqual(result);
});

test("a glob in a directory with wildcards in its name matches there and nowhere else", () => {
  const result = rebaseGlob("*.ts", workspacePath("packages/[ab]"));
  const pattern = result.kind === "pattern" ? result.pattern : "";
  expect(isMatch(pattern, "packages/[ab]/x.ts")).toBe(true);
  expect(isMatch(pattern, "packages/a/x.ts")).toBe(false);
});

const invalid: readonly (readonly [pattern: string, problem: string])[] = [
  ["", "is empty"],
  ["/a", "is absolute; write it relative"],
  ["../a", "resolves outside the workspace root"],
  ["a/../../b", "resolves outside the workspace root"],
  ["*/../b", "has `..` after a wildcard"],
  ["{a,../b}", "has `.` or `..` inside braces"],
  ["[", "has a `[` that is never closed"],
  ["[a", "has a `[` that is never closed"],
  ["[]", "has a `[` that is never closed"],
  ["[!]", "has a `[` that is never closed"],
  ["[a/b]", "has a `/` in `[a/b]`"],
  ["[z-a]", "has the range `z-a`, which runs backwards"],
  ["{a", "has a `{` that is never closed"],
  ["a}", "has a `}` without a `{`"],
  ["{a}", "has braces without a comma in them (`\\{` stands for a brace itself)"],
  ["{1..3}", "has braces without a comma in them (`\\{` stands for a brace itself)"],
  ["a\\", "ends in a backslash that escapes nothing"],
  ["a\0", "has a NUL character"],
  ["*a*b*c*", "has more than 3 `*` in one component"],
  ["{a,b}".repeat(20), "has more than 256 alternatives"],
  ["a".repeat(2000), "is longer than 1024 characters"],
];

test.each(invalid)("the glob %p is refused", (pattern, problem) => {
  const result: RebasedGlob = { kind: "invalid", problem };
  expect(rebaseGlob(pattern, workspacePath(""))).toEqual(result);
});

test("a walk starts at the literal beginnings of the globs, and none of them twice", () => {
  const prefixes = (positive: readonly string[]): readonly string[] =>
    compileGlobs({ positive, negative: [] }).prefixes;
  expect(prefixes(["packages/*/src/**"])).toEqual(["packages"]);
  expect(prefixes(["a/b/c.ts", "a/b/*.ts", "a/bc/*"])).toEqual(["a/b", "a/bc"]);
  expect(prefixes(["{src,test}/**"])).toEqual(["src", "test"]);
  expect(prefixes(["**/a", "b/c"])).toEqual([""]);
});

test("a walk leaves out directories that cannot lead to a match", () => {
  const { canContain } = compileGlobs({
    positive: ["packages/*/src/**/*.ts", "apps/{a/b,c}/x", "l/m/n.ts"],
    negative: ["**/gen/**", "**/old"],
  });
  const entered = [
    "",
    "packages",
    "packages/a",
    "packages/a/src/q/r",
    "apps/a",
    "l/m",
    "packages/old",
  ];
  const passedOver = [
    "packages/a/lib",
    "packages/a/src/gen",
    "apps/z",
    "apps/a/c",
    "l/m/n.ts",
    "x",
  ];
  expect(entered.filter((path) => !canContain(workspacePath(path)))).toEqual([]);
  expect(passedOver.filter((path) => canContain(workspacePath(path)))).toEqual([]);
});
