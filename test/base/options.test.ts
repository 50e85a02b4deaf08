import { expect, test } from "bun:test";
import { UserError } from "../../src/base/error.ts";
import { describeOption, parseOptions } from "../../src/base/options.ts";

const table = [
  { name: "all", short: "a", value: { kind: "none" }, about: "" },
  { name: "brief", short: "b", value: { kind: "none" }, about: "" },
  { name: "cache", value: { kind: "on-off" }, about: "" },
  { name: "log", short: "l", value: { kind: "choice", values: ["x", "y"] }, about: "" },
  { name: "limit", value: { kind: "number" }, about: "" },
  { name: "file", value: { kind: "texts", name: "path" }, about: "" },
] as const;

const good: readonly (readonly [args: string, values: object, rest: string])[] = [
  ["", {}, ""],
  ["t", {}, "t"],
  ["-a t -b", { all: true }, "t -b"],
  ["-ab t", { all: true, brief: true }, "t"],
  ["--cache t --no-cache", { cache: "on" }, "t --no-cache"],
  ["--no-cache", { cache: "off" }, ""],
  ["--log=x t", { log: "x" }, "t"],
  ["--log x --log y t", { log: "y" }, "t"],
  ["-l x t", { log: "x" }, "t"],
  ["--limit 007 t", { limit: 7 }, "t"],
  ["-a -- -t -- x", { all: true }, "-t -- x"],
  ["- a", {}, "- a"],
  ["t -- --log", {}, "t -- --log"],
];

test.each(good)("%p is read as %j before %p", (args, values, rest) => {
  const words = args.split(" ").filter((word) => word !== "");
  const parsed = parseOptions(table, words);
  expect<object>(parsed.values).toEqual(values);
  expect(parsed.rest.join(" ")).toBe(rest);
});

const bad = [
  "--nope",
  "-z",
  "-az",
  "--al",
  "--log",
  "--log=z",
  "--log=",
  "--limit x",
  "--limit -1",
  "--limit 1e3",
];
const alsoBad = [
  "--limit 9999999999",
  "--all=1",
  "--no-all",
  "--no-cache=1",
  "--cache --no-cache",
  "--=",
  "---",
];

test.each([...bad, ...alsoBad])("%p is a usage error", (args) => {
  expect(() => parseOptions(table, args.split(" "))).toThrow(UserError);
});

test.each(["log", "limit", "file"])("an empty value of --%s is a missing one", (name) => {
  const messages = [[`--${name}=`], [`--${name}`, ""], [`--${name}`]].map((args) => {
    try {
      return parseOptions(table, args);
    } catch (error) {
      return error instanceof UserError ? error.message : error;
    }
  });
  expect(new Set(messages)).toEqual(new Set([expect.stringContaining("; nothing follows it")]));
});

test("the help names letters and values", () => {
  const expected = [
    ...["-a, --all", "-b, --brief", "--cache", "-l, --log <x|y>", "--limit <n>", "--file <path>"],
  ];
  expect(table.map((option) => describeOption(option))).toEqual(expected);
});
