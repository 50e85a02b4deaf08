// The rules for Windows, as far as they can be tried without one.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  cmdArguments,
  namesOnWindows,
  quoteOnWindows,
  startOnWindows,
} from "../../src/plan/windows.ts";

test("a name without an ending stands for a program or a batch file, never for a file without one", () => {
  expect(namesOnWindows("tsc")).toEqual(["tsc.com", "tsc.exe", "tsc.bat", "tsc.cmd"]);
});

test("a name with the ending of a program stands for that file first", () => {
  expect(namesOnWindows("node.EXE")[0]).toBe("node.EXE");
  expect(namesOnWindows("vite.config")[0]).toBe("vite.config.com");
});

test("a program is started with its arguments as they are", () => {
  const start = startOnWindows("C:\\node.exe", ["a b", 'c"d']);
  expect(start).toEqual({ cmd: ["C:\\node.exe", "a b", 'c"d'], windowsVerbatimArguments: false });
});

test("cmd.exe gets its text as it is", () => {
  const text = 'echo "a b" & echo c';
  const args = cmdArguments(text);
  expect(args).toEqual(["/d", "/s", "/c", `"${text}"`]);
  for (const program of ["cmd.exe", "C:\\Windows\\System32\\CMD.EXE", "cmd"])
    expect(startOnWindows(program, args).windowsVerbatimArguments).toBe(true);
});

test("a batch file is started by cmd.exe, with nothing in its arguments that cmd.exe could act on", () => {
  const { cmd, windowsVerbatimArguments } = startOnWindows("C:\\a b\\tsc.cmd", ["-p", "x & calc"]);
  expect(windowsVerbatimArguments).toBe(true);
  expect(cmd).toEqual([
    "cmd.exe",
    "/d",
    "/s",
    "/c",
    '"C:\\a^ b\\tsc.cmd -p ^^^"x^^^ ^^^&^^^ calc^^^""',
  ]);
});

/** As the C library of Windows takes one argument out of a command line. */
function readArgument(text: string): string {
  if (!text.startsWith('"')) return text;
  return text
    .slice(1, -1)
    .replace(/(\\+)$/, (all) => all.slice(all.length / 2))
    .replace(/(\\*)\\"/g, (_, all: string) => `${all.slice(all.length / 2)}"`);
}

/** As cmd.exe reads a line: a caret stands for itself no longer, but saves what follows. */
function readByCmd(text: string): string {
  return text.replace(/\^(.)/gs, "$1");
}

describe("whatever an argument is", () => {
  const argument = fc.string({ unit: fc.constantFrom(..."ab \\\"'^%&|<>()!,;*?$`=") });

  test("a program gets it as it was given", () => {
    fc.assert(fc.property(argument, (value) => readArgument(quoteOnWindows(value)) === value));
  });

  test("a batch file that hands it on does so without a change", () => {
    fc.assert(
      fc.property(argument, (value) => {
        const [line = ""] = startOnWindows("a.cmd", [value]).cmd.slice(-1);
        const handedOn = readByCmd(readByCmd(line.slice(1, -1)));
        return handedOn === `a.cmd ${quoteOnWindows(value)}`;
      }),
    );
  });

  test("cmd.exe finds nothing in it to act on", () => {
    fc.assert(
      fc.property(argument, (value) => {
        const [line = ""] = startOnWindows("a.cmd", [value]).cmd.slice(-1);
        const rest = line.slice('"a.cmd '.length, -1).replace(/\^./gs, "");
        return !/[()%!^"<>&|]/.test(rest);
      }),
    );
  });
});
