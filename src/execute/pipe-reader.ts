import { closeSync, fstatSync } from "node:fs";

/** What a child prints, being read. */
export type PipeReader = {
  /** The reading end, and what names the pipe at both ends; undefined where it is Bun's own. */
  readonly pipe: { readonly fd: number; readonly inode: number } | undefined;
  /** Settles when every writer has closed the pipe, or after `cancel`; the end is closed by then. */
  readonly ended: Promise<void>;
  /** Gives up on what is still to come. */
  readonly cancel: () => Promise<void>;
};

/** Reads the pipe `fd` to its end and closes it. `onBytes` may keep what it gets. */
export function readPipe(fd: number, onBytes: (bytes: Uint8Array) => void): PipeReader {
  const { ino: inode } = fstatSync(fd);
  const { ended, cancel } = readStream(Bun.file(fd).stream(), onBytes);
  return { pipe: { fd, inode }, ended: ended.finally(() => closeSync(fd)), cancel };
}

/** Reads a stream to its end. `onBytes` may keep what it gets. */
export function readStream(
  stream: ReadableStream<Uint8Array>,
  onBytes: (bytes: Uint8Array) => void,
): PipeReader {
  const reader = stream.getReader();
  const pump = async (): Promise<void> => {
    for (let part = await reader.read(); !part.done; part = await reader.read())
      onBytes(part.value);
  };
  return { pipe: undefined, ended: pump(), cancel: () => reader.cancel() };
}
