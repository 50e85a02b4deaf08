// Run by tests as a program of its own: traces a command in a directory and prints what was recorded.
// `bun trace-command.ts <mode> <directory> <program> [argument…]`
import { absolutePath } from "../../src/base/path.ts";
import type { TraceMode } from "../../src/trace/trace-mode.ts";
import { lines, runTraced } from "./run-traced.ts";

const [mode = "full", directory = "", program = "", ...args] = process.argv.slice(2);
const { accesses, code, trace } = await runTraced({
  directory: absolutePath(directory),
  command: [program, ...args],
  mode: mode as TraceMode,
});
await Bun.write(
  Bun.stdout,
  JSON.stringify({ code, lines: lines(accesses), incomplete: trace.incomplete }),
);
