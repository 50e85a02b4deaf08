import { describe, expect, test } from "bun:test";
import { parseCommandLine } from "../../src/plan/command-line.ts";

/** Each command as `NAME=value… | word | word`, so that a table stays readable. */
function parsed(text: string): string[] | "shell" {
  const line = parseCommandLine(text);
  if (line.kind === "shell") return "shell";
  return line.commands.map(({ assignments, words }) =>
    [assignments.map(([name, value]) => `${name}=${value}`).join(" "), ...words].join("|"),
  );
}

function texts(text: string): string[] {
  const line = parseCommandLine(text);
  return line.kind === "shell" ? [] : line.commands.map((command) => command.text);
}

describe("a list of plain words runs without a shell", () => {
  test.each([
    ["tsc", ["|tsc"]],
    ["tsc -p tsconfig.json", ["|tsc|-p|tsconfig.json"]],
    ["  tsc\t--noEmit  ", ["|tsc|--noEmit"]],
    ["a && b", ["|a", "|b"]],
    ["a&&b&&c", ["|a", "|b", "|c"]],
    ["a b &&c d", ["|a|b", "|c|d"]],
    ["node ./x.js --a=b", ["|node|./x.js|--a=b"]],
    ["./node_modules/.bin/x", ["|./node_modules/.bin/x"]],
    ["git show HEAD~1", ["|git|show|HEAD~1"]],
    ["a b~ c", ["|a|b~|c"]],
    ["a x#y", ["|a|x#y"]],
    ["a ! b", ["|a|!|b"]],
    ["a if then", ["|a|if|then"]],
    ["a @scope/b:c %d + , . ^ ]", ["|a|@scope/b:c|%d|+|,|.|^|]"]],
    ["éa 日本 😀", ["|éa|日本|😀"]],
    ["a\rb", ["|a\rb"]],
    ["vt run -r build", ["|vt|run|-r|build"]],
    ["cd src && node x", ["|cd|src", "|node|x"]],
    ["echo -n hi", ["|echo|-n|hi"]],
    ["test -f x", ["|test|-f|x"]],
  ])("%s", (text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });
});

describe("quotes and backslashes are resolved", () => {
  test.each([
    ["a 'b c'", ["|a|b c"]],
    ['a "b c"', ["|a|b c"]],
    ["a b\\ c", ["|a|b c"]],
    [`a 'it'"'"'s'`, ["|a|it's"]],
    ["a 'it'\\''s'", ["|a|it's"]],
    ["a ''", ["|a|"]],
    ['a ""', ["|a|"]],
    ["a '' b", ["|a||b"]],
    ["a x''y", ["|a|xy"]],
    ["a '$HOME' '`x`' '*' '~' '{a,b}'", ["|a|$HOME|`x`|*|~|{a,b}"]],
    ['a "*" "~" "{a,b}" "[x]" "?"', ["|a|*|~|{a,b}|[x]|?"]],
    ["a \\* \\~ \\$x \\; \\& \\| \\#", ["|a|*|~|$x|;|&|||#"]],
    ['a "\\$x"', ["|a|$x"]],
    ['a "\\`x\\`"', ["|a|`x`"]],
    ['a "say \\"hi\\""', ['|a|say "hi"']],
    ['a "\\\\"', ["|a|\\"]],
    ['a "\\n\\a"', ["|a|\\n\\a"]],
    ["a '\\n'", ["|a|\\n"]],
    ['a "&& ; |"', ["|a|&& ; |"]],
    ["a '#x' \"#y\"", ["|a|#x|#y"]],
    ["'a' \"b\"", ["|a|b"]],
    ["'my program' x", ["|my program|x"]],
    ["a 'line\nbreak'", ["|a|line\nbreak"]],
    ['a "line\nbreak"', ["|a|line\nbreak"]],
    [`node -e 'console.log("x")'`, ['|node|-e|console.log("x")']],
    [`'if' x`, ["|if|x"]],
    ["a --x='b c'd", ["|a|--x=b cd"]],
    ["a ''~/x", ["|a|~/x"]],
  ])("%s", (text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });
});

describe("assignments in front of a command belong to it alone", () => {
  test.each([
    ["A=1 b", ["A=1|b"]],
    ["A=1 B=2 c d", ["A=1 B=2|c|d"]],
    ["A= b", ["A=|b"]],
    ["A='x y' b", ["A=x y|b"]],
    ['A="x y"z b', ["A=x yz|b"]],
    ["A=\\$x b", ["A=$x|b"]],
    ["_a1=1 b", ["_a1=1|b"]],
    ["A=b=c d", ["A=b=c|d"]],
    ["a A=1", ["|a|A=1"]],
    ["A=1 b && c", ["A=1|b", "|c"]],
    ["a && B=1 c", ["|a", "B=1|c"]],
    ["1A=1 b", ["|1A=1|b"]],
    ["A-B=1 c", ["|A-B=1|c"]],
    ["'A'=1 b", ["|A=1|b"]],
    ["A'='1 b", ["|A=1|b"]],
    ["A\\=1 b", ["|A=1|b"]],
    ["=1 b", ["|=1|b"]],
    ["cross-env A=1 b", ["|cross-env|A=1|b"]],
  ])("%s", (text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });
});

test("what only a shell can do, or tell, is left to it as a whole", () => {
  const forTheShell = [
    // nothing to run
    ...["", "  ", "\t", "A=1", "A=1 B=2", "A=1 && b", "a && A=1", "''", '"" x'],
    // a broken text: the shell says so
    ...["a &&", "&& a", "a && && b", "a &&& b", "a 'b", 'a "b', 'a "b\\"', "a \\"],
    // operators
    ...[
      "a | b",
      "a|b",
      "a || b",
      "a ; b",
      "a;",
      "a & b",
      "a &",
      "a && b &",
      "(a)",
      "a > x",
      "a >x",
    ],
    ...["a 2>&1", "a < x", "a <<E", "a &> x", "a >> x", "a\nb", "a\n", "\na", "a &&\nb", "a \\\nb"],
    ...['a "b\\\nc"', "! a", "{ a; }", "{ a", "f() { a; }", "if a; then b; fi", "if a", "time a"],
    ...["a && ! b", "A=1 if b", "[[ a ]]", "while a", "until a", "for a", "case a", "} a", "fi"],
    // expansions
    ...["a $x", "a $", 'a "$x"', "a $(b)", 'a "$(b)"', "a `b`", 'a "`b`"', "a $((1+1))", `a \${x}`],
    ...["A=$x b", "$x", "a 'b'$c", "a $'b'", "a x$"],
    ...["a *", "a *.mjs", "a x?", "a [ab]", "[ -f x ]", "a 'x'*", "A=* b"],
    ...["a ~", "a ~/x", "~/bin/a", "A=~/x b", "a --dir=~/x", "A=x:~/y b"],
    ...["a {b,c}", "a {1..3}", "a {}", "a x{", "a x}"],
    // comments
    ...["# a", "a # b", "a #b", "a && # b", "#"],
    // commands of the shell itself
    ...[
      "exit 1",
      "echo x && exit 1",
      "export A=1 && b",
      ". ./env.sh && b",
      "source ./env.sh",
      ": x",
    ],
    ...["set -e && a", "umask 022 && a", "ulimit -n 10 && a", "eval a", "exec a", "command -v a"],
    ...[
      "type a",
      "read x",
      "wait",
      "unset A && b",
      "trap a EXIT",
      "alias a=b",
      "cd -",
      "cd -P x && a",
    ],
  ];
  expect(forTheShell.filter((text) => parsed(text) !== "shell")).toEqual([]);
});

describe("each command keeps the text that was written for it", () => {
  test.each([
    ["tsc  -p   x", ["tsc  -p   x"]],
    ["  a 'b c'  &&  D=1 e \"f\"  ", ["a 'b c'", 'D=1 e "f"']],
    ["a&&b", ["a", "b"]],
    ["A='1' b", ["A='1' b"]],
  ])("%s", (text, expected) => {
    expect(texts(text)).toEqual(expected);
  });
});

test("where no shell is needed, the words are those that a shell would pass on", () => {
  const samples = [
    `x 'a b' "c d" e\\ f g''h "i'j" 'k"l'`,
    `x "\\$a \\\`b \\"c \\\\ \\d \\'" '\\$a \\n'`,
    `x a=b '' "" --c='d e'f g~ h#i @j %k ] ^`,
    "x \\* \\? \\[ \\{ \\} \\~ \\# \\! ! \\= é 日本",
  ];
  for (const sample of samples) {
    const line = parseCommandLine(sample);
    if (line.kind === "shell") throw new Error(`needs a shell: ${sample}`);
    const [, ...args] = line.commands[0]?.words ?? [];
    const script = `x() { for w in "$@"; do printf '%s\\0' "$w"; done; }; ${sample}`;
    const shell = Bun.spawnSync(["/bin/sh", "-c", script]);
    expect(args.map((word) => `${word}\0`).join("")).toBe(shell.stdout.toString());
  }
});
