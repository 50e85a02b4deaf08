import { UserError } from "../base/error.ts";
import type { Terminal } from "../report/terminal.ts";

/** What a shell expects of a program that was called wrongly. */
const usageExitCode = 2;

/**
 * Tells what ended vt before its time, and returns the exit code. What is no `UserError` is a bug of
 * ours, and the only thing that is shown with a stack.
 */
export function describeFailure(error: unknown, terminal: Terminal): number {
  if (error instanceof UserError) {
    terminal.write("stderr", userText(error));
    return error.code === "usage" ? usageExitCode : 1;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.write("stderr", `error: this is a bug in vt, please report it\n${text}\n`);
  return 1;
}

function userText(error: UserError): string {
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof UserError; cause = cause.cause)
    causes.push(`* ${cause.message}\n`);
  const hint = error.hint === undefined ? "" : `hint: ${error.hint}\n`;
  return `error: ${error.message}\n${causes.join("")}${hint}`;
}
