import { createEscapeStripper } from "../base/escape-stripper.ts";
import { printable } from "../base/path.ts";

/** So many lines of a failed step are shown again at the end of a run. */
const lastLinesMax = 10;

/** Enough for that many lines of any use; of a longer line the end is shown. */
const lastBytesMax = 8 * 1024;

/** The end of what a step prints, whatever it prints in all. */
export class LastLines {
  #chunks: Uint8Array[] = [];
  #size = 0;

  /** Whether nothing was printed at all. */
  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Keeps a copy of what may be needed of `bytes`. */
  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const end = bytes.slice(-lastBytesMax);
    this.#chunks.push(end);
    this.#size += end.length;
    // Put together now and then, so that single bytes do not become so many chunks.
    if (this.#size > 2 * lastBytesMax || this.#chunks.length > 64) {
      this.#chunks = [Buffer.concat(this.#chunks).subarray(-lastBytesMax)];
      this.#size = this.#chunks[0]?.length ?? 0;
    }
  }

  /** Plain text, fit to be shown: no colours, of a line that was written over its last state. */
  lines(): readonly string[] {
    const all = Buffer.concat(this.#chunks);
    const isCut = all.length > lastBytesMax;
    const stripper = createEscapeStripper();
    const text = stripper.push(isCut ? all.subarray(-lastBytesMax) : all);
    const lines = Buffer.concat([text, stripper.finish()]).toString().split("\n").map(showLine);
    while (lines.length > 0 && lines.at(-1) === "") lines.pop();
    return lines.slice(-lastLinesMax);
  }
}

/** Programs that draw a progress bar go back to the line's start with a carriage return. */
function showLine(line: string): string {
  const states = line.split("\r").filter((state) => state !== "");
  return printable((states.at(-1) ?? "").replaceAll("\t", "    ")).trimEnd();
}
