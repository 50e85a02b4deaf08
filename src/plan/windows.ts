/*
 * How Windows finds programs and starts them. Rules only, which touch nothing: what uses them was built, but
 * never run there, see docs/platforms.md.
 */

/** What PATHEXT begins with unless somebody changed it. */
const programEndings = [".com", ".exe", ".bat", ".cmd"];

/** Names under which a program may lie in a directory, in the order in which they are tried. */
export function namesOnWindows(name: string): string[] {
  const isWhole = programEndings.some((ending) => name.toLowerCase().endsWith(ending));
  return [...(isWhole ? [name] : []), ...programEndings.map((ending) => name + ending)];
}

export type WindowsStart = {
  readonly cmd: string[];
  /** Whether the words are in the form in which the program gets them, and not to be quoted. */
  readonly windowsVerbatimArguments: boolean;
};

/** How a program is started: what is no program itself, as the shims of npm, is a matter of cmd.exe. */
export function startOnWindows(program: string, args: readonly string[]): WindowsStart {
  if (/\.(?:bat|cmd)$/i.test(program)) {
    const line = [escapeForCmd(program), ...args.map(quoteForBatch)].join(" ");
    return { cmd: ["cmd.exe", ...cmdArguments(line)], windowsVerbatimArguments: true };
  }
  const isCmd = /(?:^|[\\/])cmd(?:\.exe)?$/i.test(program);
  return { cmd: [program, ...args], windowsVerbatimArguments: isCmd };
}

/** What has cmd.exe run a text: without what is set to run before, its outer quotes taken off. */
export function cmdArguments(text: string): string[] {
  return ["/d", "/s", "/c", `"${text}"`];
}

/** An argument as programs of Windows take their command line apart; plain words stay as they are. */
export function quoteOnWindows(argument: string): string {
  if (/^[\w@+=:,./\\-]+$/.test(argument)) return argument;
  // A backslash counts as one, unless a quote follows.
  const inner = argument.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1");
  return `"${inner}"`;
}

/** Twice: cmd.exe reads the line, and once more where the batch file hands its arguments on. */
function quoteForBatch(argument: string): string {
  return escapeForCmd(escapeForCmd(quoteOnWindows(argument)));
}

function escapeForCmd(text: string): string {
  return text.replace(/[()[\]%!^"`<>&|;, *?]/g, "^$&");
}
