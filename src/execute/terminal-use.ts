import { isTerminal } from "../native/pipe.ts";
import { keepTerminalSettings } from "../native/terminal.ts";

/** How somebody's use of the terminal ended. */
export type TerminalUseEnd = "ended" | "killed";

/** How the terminal was before the first of those that have it now; several may, side by side. */
let users = 0;
let wasKilled = false;
let restore: () => void = () => undefined;

/**
 * To be called before a process gets the terminal; the result, when it has ended. What is killed cannot put back
 * what it made of the terminal: that is done for it, once nobody else has the terminal.
 */
export function enterTerminal(): (end: TerminalUseEnd) => void {
  if (users === 0) {
    const fd = [0, 1, 2].find(isTerminal);
    restore = fd === undefined ? () => undefined : keepTerminalSettings(fd);
    wasKilled = false;
  }
  users += 1;
  return (end) => {
    users -= 1;
    wasKilled ||= end === "killed";
    if (users === 0 && wasKilled) restore();
  };
}
