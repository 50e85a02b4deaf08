import { coloured, plain } from "../base/ansi.ts";
import type { Host } from "../base/host.ts";
import { printable } from "../base/path.ts";
import { createCancellation } from "../execute/cancellation.ts";
import { cancelOnInterrupt, interruptExitCodes } from "../execute/interrupt.ts";
import { openKeyboard, terminalSize } from "../native/terminal.ts";
import { describeSelection } from "../report/selection-text.ts";
import type { Terminal } from "../report/terminal.ts";
import type { RunRequest } from "../task/run-options.ts";
import { type ListedTask, listTasks } from "../task/task-list.ts";
import { readWorkspace } from "./read-workspace.ts";
import { beginSelection, type Choice, pressKey, type Selection, splitKeys } from "./selection.ts";

/** What came of asking: what to run, or the exit code of a person who wants nothing after all. */
export type Picked =
  | { readonly kind: "picked"; readonly request: RunRequest }
  | { readonly kind: "aborted"; readonly exitCode: number }
  /** There is nothing to choose from, or the task is there. */
  | { readonly kind: "nothing-to-pick" };

/**
 * Asks the person at the terminal which task to run. The request has no task, or one that was not found: then what
 * comes near it is shown first. Options and arguments of the request stay.
 */
export async function pickTask(
  request: RunRequest,
  host: Host,
  terminal: Terminal,
): Promise<Picked> {
  const context = await readWorkspace(host);
  const { tasks } = listTasks(request.options, host.cwd, context);
  const isThere = tasks.some(({ name }) => name === request.task);
  if (tasks.length === 0 || isThere) return { kind: "nothing-to-pick" };
  const header =
    request.task === undefined ? undefined : `Task "${printable(request.task)}" not found.`;
  const chosen = await ask(
    beginSelection(tasks.map(choiceOf), request.task ?? ""),
    header,
    terminal,
  );
  if (typeof chosen === "number") return { kind: "aborted", exitCode: chosen };
  terminal.write("stdout", `Selected task: ${printable(chosen.name)}\n`);
  return { kind: "picked", request: { ...request, task: chosen.name, isPicked: true } };
}

function choiceOf({ task: { id, commands }, name }: ListedTask): Choice {
  const place = id.packagePath === "" ? "." : id.packagePath;
  const isHere = name === id.task;
  return {
    name,
    task: printable(id.task),
    command: printable(commands.join(" && ")),
    group: isHere ? undefined : printable(`${id.packageName} (${place})`.trimStart()),
  };
}

/** A screen of its own: whatever becomes of the window, nothing of the list is left in the other one. */
const enterScreen = "\x1b[?1049h\x1b[?25l";
const leaveScreen = "\x1b[?1049l\x1b[?25h";
const toTop = "\x1b[H";
const clearLine = "\x1b[K";
const clearBelow = "\x1b[J";

/** The choice, or the exit code. Leaves the screen as it was before. */
async function ask(
  start: Selection,
  header: string | undefined,
  terminal: Terminal,
): Promise<Choice | number> {
  const palette = terminal.hasColours.stdout() ? coloured : plain;
  const cancellation = createCancellation();
  using _ = cancelOnInterrupt(cancellation);
  using keyboard = openKeyboard(0);
  let selection = start;
  let drawn = "";
  const draw = (): void => {
    const size = terminalSize(1) ?? { rows: 24, columns: 80 };
    const lines = describeSelection({ header, ...selection }, size, palette);
    const text = `${toTop}${lines.join(`${clearLine}\n`)}${clearLine}${clearBelow}`;
    const state = JSON.stringify([text, size]);
    if (state === drawn) return;
    terminal.write("stdout", text);
    terminal.flush();
    drawn = state;
  };
  const end = <T>(result: T): T => {
    terminal.write("stdout", leaveScreen);
    terminal.flush();
    return result;
  };
  terminal.write("stdout", enterScreen);
  draw();
  for (let keys = keyboard.read(); keys !== undefined; keys = keyboard.read()) {
    // Signals are heard between two looks at the keyboard.
    await Bun.sleep(0);
    const cause = cancellation.cause();
    if (cause?.kind === "interrupted") return end(interruptExitCodes[cause.signal]);
    for (const key of splitKeys(keys)) {
      const next = pressKey(selection, key);
      if ("kind" in next)
        return end(next.kind === "chosen" ? next.choice : interruptExitCodes.SIGINT);
      selection = next;
    }
    draw();
  }
  return end(interruptExitCodes.SIGHUP);
}
