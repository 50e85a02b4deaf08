import { describe, expect, test } from "bun:test";
import type { UserError } from "../../src/base/error.ts";
import { parseCommand } from "../../src/cli/command.ts";

/** The command in short: `run build -v` is a run of `build` with `-v` for it. */
function parsed(line: string): string {
  const command = parseCommand(line.split(" ").filter((word) => word !== ""));
  if (command.kind === "help") return `help ${command.topic}`;
  if (command.kind !== "run") return command.kind;
  return ["run", command.request.task ?? "(none)", ...command.request.extraArgs].join(" ");
}

describe("what follows vt", () => {
  test.each([
    ["", "help vt"],
    ["-h", "help vt"],
    ["--help", "help vt"],
    ["help", "help vt"],
    ["help help", "help vt"],
    ["help run", "help run"],
    ["--help run", "help run"],
    ["help cache", "help cache"],
    ["help why", "help why"],
    ["ls", "ls"],
    ["init", "init"],
    ["init --from turbo --dry-run", "init"],
    ["init -h", "help init"],
    ["schema", "schema"],
    ["schema --types", "schema"],
    ["completion zsh", "completion"],
    ["completion", "help completion"],
    ["complete run =", "complete"],
    ["ls -F a --json", "ls"],
    ["ls --help", "help ls"],
    ["why a#build --flag", "why"],
    ["why -h", "help why"],
    ["graph --format dot -r build", "graph"],
    ["graph --help build", "help graph"],
    ["run --dry-run build", "dry-run"],
    ["run --dry-run --json -r build", "dry-run"],
    ["-v", "version"],
    ["--version", "version"],
    ["--version run build", "version"],
    ["run build", "run build"],
    ["run -r build", "run build"],
    ["run a#build -v --cache -- x", "run a#build -v --cache -- x"],
    ["run build --help", "run build --help"],
    ["run", "pick"],
    ["run -h", "help run"],
    ["run -r --help build", "help run"],
    ["run --last-details", "last-details"],
    ["cache", "help cache"],
    ["cache -h", "help cache"],
    ["cache clean", "cache"],
    ["cache info", "cache"],
    ["cache prune --max-size 2GB --max-age 7d", "cache"],
    ["cache verify --repair -h", "help cache"],
    ["cache clean --help", "help cache"],
    ["tool", "help tool"],
    ["tool -h", "help tool"],
    ["tool get-env --help", "help tool"],
    ["help tool", "help tool"],
    ["tool disable-cache", "tool"],
  ])("%j", (line, expected) => {
    expect(parsed(line)).toBe(expected);
  });
});

describe("what vt does not know is refused, with what may have been meant", () => {
  test.each([
    ["build", "Unknown command `vt build`", "a task runs with `vt run build`"],
    ["rum build", "Unknown command `vt rum`", "did you mean `run`?"],
    ["help build", "Unknown command `vt build`", "`vt help` lists the commands"],
    ["why", "No task given", "write `vt why <task>`; `vt ls` lists the tasks"],
    ["graph -r", "No task given", "write `vt graph <task>`; `vt ls` lists the tasks"],
    ["cache claen", "Unknown command `vt cache claen`", "did you mean `clean`?"],
    [
      "init turbo",
      "`vt init` takes nothing but options, and was given `turbo`",
      "write `vt init --from turbo`",
    ],
    ["cache x", "Unknown command `vt cache x`", "see `vt cache --help`"],
    [
      "cache clean all",
      "Unknown command `vt cache clean all`",
      "`vt cache clean` takes no argument",
    ],
    ["cache info --repair", "`--repair` belongs to `vt cache verify`", undefined],
    ["cache clean --max-age 1d", "`--max-age` belongs to `vt cache prune`", undefined],
    [
      "cache prune --max-size much",
      "`--max-size` takes a size, such as 500MB or 2GB; not `much`",
      undefined,
    ],
    [
      "cache prune --max-age 7",
      "`--max-age` takes a length of time, such as 12h or 30d; not `7`",
      undefined,
    ],
    [
      "tool get-evn A",
      "Unknown command `vt tool get-evn`",
      "did you mean `get-env` or `get-envs`?",
    ],
    ["tool ignore-input", "`vt tool ignore-input` takes one path or more", "see `vt tool --help`"],
    ["tool disable-cache x", "`vt tool disable-cache` takes nothing", "see `vt tool --help`"],
    ["tool get-env", "`vt tool get-env` takes the name of a variable", "see `vt tool --help`"],
    ["tool get-envs A B", "`vt tool get-envs` takes one pattern", "see `vt tool --help`"],
    ["--versoin", "Unknown option `--versoin`", "did you mean `--version`?"],
    ["run --recursiv build", "Unknown option `--recursiv`", "did you mean `--recursive`?"],
    ["cache --all", "Unknown option `--all`", "`--help` lists the options"],
  ])("%s", (line, message, hint) => {
    expect(() => parsed(line)).toThrow(
      expect.objectContaining({ message, code: "usage", hint }) as unknown as UserError,
    );
  });
});

describe("a call of a script to vt", () => {
  test.each([
    ["ignore-input a ../b", { kind: "ignore-input", paths: ["a", "../b"] }],
    ["ignore-output -- -a", { kind: "ignore-output", paths: ["-a"] }],
    ["disable-cache", { kind: "disable-cache" }],
    ["get-env A", { kind: "get-env", name: "A", isTracked: true }],
    ["get-env --untracked A", { kind: "get-env", name: "A", isTracked: false }],
    ["--untracked get-envs A_*", { kind: "get-envs", glob: "A_*", isTracked: false }],
  ])("%s", (line, call) => {
    expect(parseCommand(["tool", ...line.split(" ")]) as unknown).toEqual({ kind: "tool", call });
  });
});

describe("what is asked of the cache", () => {
  test.each([
    ["info", { kind: "info" }],
    ["prune", { kind: "prune", limits: {} }],
    [
      "--max-age 2d prune --max-size=1k",
      { kind: "prune", limits: { sizeBytes: 1024, ageMs: 172_800_000 } },
    ],
    ["verify", { kind: "verify", shouldRepair: false }],
    ["verify --repair", { kind: "verify", shouldRepair: true }],
  ])("%s", (line, call) => {
    expect(parseCommand(["cache", ...line.split(" ")]) as unknown).toEqual({ kind: "cache", call });
  });
});
