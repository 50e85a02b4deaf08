import { writeSync } from "node:fs";
import { errnoOf } from "../base/file.ts";
import type { OutputStream } from "../execute/event.ts";

/** Where a run's text goes: what a reporter needs of vt's own stdout and stderr. */
export type Terminal = {
  /** Found out when first asked: not every command has to know. */
  readonly hasColours: Readonly<Record<OutputStream, () => boolean>>;
  /** Appends text; it is written when the event loop next turns, or by `flush`. */
  readonly write: (stream: OutputStream, text: string | Uint8Array) => void;
  /** Returns when everything appended so far has been written, across both streams in its order. */
  readonly flush: () => void;
};

/** Text beyond this is written at once. */
const pendingBytesMax = 256 * 1024;

/**
 * vt's own stdout and stderr. Writing waits for a slow reader, so what is pending stays small. A
 * reader that has gone away is not told about: the tasks go on and their text is dropped.
 */
export function openTerminal(hasColours: Terminal["hasColours"]): Terminal {
  const open = new Map<OutputStream, number>([
    ["stdout", 1],
    ["stderr", 2],
  ]);
  let pending: { readonly stream: OutputStream; readonly parts: Uint8Array[] }[] = [];
  let pendingBytes = 0;
  let scheduled: NodeJS.Immediate | undefined;

  const flush = (): void => {
    clearImmediate(scheduled);
    scheduled = undefined;
    const blocks = pending;
    pending = [];
    pendingBytes = 0;
    for (const { stream, parts } of blocks) {
      const fd = open.get(stream);
      if (fd === undefined) continue;
      const failure = writeAll(fd, parts.length === 1 ? parts[0] : Buffer.concat(parts));
      if (failure === undefined) continue;
      open.delete(stream);
      if (failure !== "EPIPE") complain(open.get("stderr"), stream, failure);
    }
  };

  const write = (stream: OutputStream, text: string | Uint8Array): void => {
    const bytes = typeof text === "string" ? Buffer.from(text) : text;
    if (bytes.length === 0 || !open.has(stream)) return;
    const last = pending.at(-1);
    if (last?.stream === stream) last.parts.push(bytes);
    else pending.push({ stream, parts: [bytes] });
    pendingBytes += bytes.length;
    if (pendingBytes >= pendingBytesMax) flush();
    else scheduled ??= setImmediate(flush);
  };

  return { hasColours, write, flush };
}

/** Returns the errno name of what went wrong, if something did. */
function writeAll(fd: number, bytes: Uint8Array = new Uint8Array(0)): string | undefined {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === undefined) throw error;
      // Whoever gave us the stream made it non-blocking; there is no cheaper way to wait for room.
      if (errno === "EAGAIN") Bun.sleepSync(1);
      else return errno;
    }
  }
  return undefined;
}

function complain(stderr: number | undefined, stream: OutputStream, failure: string): void {
  if (stderr === undefined) return;
  writeAll(
    stderr,
    Buffer.from(`warning: cannot write to ${stream} (${failure}); its text is lost\n`),
  );
}
