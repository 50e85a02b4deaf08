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
    ["-v", "version"],
    ["--version", "version"],
    ["--version run build", "version"],
    ["run build", "run build"],
    ["run -r build", "run build"],
    ["run a#build -v --cache -- x", "run a#build -v --cache -- x"],
    ["run build --help", "run build --help"],
    ["run", "run (none)"],
    ["run -h", "help run"],
    ["run -r --help build", "help run"],
    ["run --last-details", "last-details"],
    ["cache", "help cache"],
    ["cache -h", "help cache"],
    ["cache clean", "cache-clean"],
    ["cache clean --help", "help cache"],
  ])("%j", (line, expected) => {
    expect(parsed(line)).toBe(expected);
  });
});

describe("what vt does not know is refused, with what may have been meant", () => {
  test.each([
    ["build", "Unknown command `vt build`", "a task runs with `vt run build`"],
    ["rum build", "Unknown command `vt rum`", "did you mean `run`?"],
    ["help build", "Unknown command `vt build`", undefined],
    ["cache claen", "Unknown command `vt cache claen`", "did you mean `clean`?"],
    ["cache x", "Unknown command `vt cache x`", "see `vt cache --help`"],
    ["cache clean all", "Unknown command `vt cache clean all`", "`vt cache clean` takes nothing"],
    ["--versoin", "Unknown option `--versoin`", "did you mean `--version`?"],
    ["run --recursiv build", "Unknown option `--recursiv`", "did you mean `--recursive`?"],
    ["cache --all", "Unknown option `--all`", "options for the task itself go after its name"],
  ])("%s", (line, message, hint) => {
    expect(() => parsed(line)).toThrow(
      expect.objectContaining({ message, code: "usage", hint }) as unknown as UserError,
    );
  });
});
