/** How the text of several tasks shares one terminal. */
export type LogMode = "interleaved" | "labeled" | "grouped";

/**
 * Where a process's standard streams lead:
 *
 * - `piped`: no stdin, stdout and stderr to vt, a session of its own
 * - `inherited`: vt's own streams, none of which is a terminal, and a session of its own
 * - `foreground`: vt's own streams, and vt's place in the terminal, so that keys reach it
 */
export type StdioMode = "piped" | "inherited" | "foreground";

/** Only a step that is not cached, in interleaved mode, talks to the person directly. */
export function chooseStdio(choice: {
  readonly log: LogMode;
  readonly cache: "on" | "off";
  readonly hasTerminal: boolean;
}): StdioMode {
  if (choice.log !== "interleaved" || choice.cache === "on") return "piped";
  return choice.hasTerminal ? "foreground" : "inherited";
}
