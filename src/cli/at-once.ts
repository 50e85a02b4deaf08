import type { Surroundings } from "../base/host.ts";
import { version } from "../base/version.ts";

/** Set when vt is compiled: what `vt --help` shows. Run from its sources vt has to put it together. */
declare const VT_HELP: string | undefined;

/**
 * Answers what takes no work, and returns the exit code; undefined where the rest of vt is needed. It is
 * the first of vt to be loaded, and imports next to nothing: all that is loaded here costs every start.
 */
export async function answerAtOnce(surroundings: Surroundings): Promise<number | undefined> {
  const { args } = surroundings;
  if (args[0] === "run") {
    const { recall } = await import("./recall.ts");
    return await recall(surroundings);
  }
  const text = args.length === 1 ? answerTo(args[0]) : undefined;
  if (text === undefined) return undefined;
  try {
    // Not `Bun.write`, which makes room in a file before it appends to it, and leaves that empty.
    const writer = Bun.stdout.writer();
    writer.write(text);
    await writer.end();
    return 0;
  } catch {
    return undefined; // What cannot be written is told by whoever writes all else.
  }
}

function answerTo(argument: string | undefined): string | undefined {
  switch (argument) {
    case "--version":
    case "-v":
      return `vt ${version}\n`;
    case "--help":
    case "-h":
      return typeof VT_HELP === "string" ? VT_HELP : undefined;
    default:
      return undefined;
  }
}
