import { closeSync, fstatSync } from "node:fs";

/** The reading end of a pipe, being read. */
export type PipeReader = {
  readonly fd: number;
  /** Names the pipe, at both its ends. */
  readonly inode: number;
  /** Settles when every writer has closed the pipe, or after `cancel`; the end is closed by then. */
  readonly ended: Promise<void>;
  /** Gives up on what is still to come. */
  readonly cancel: () => Promise<void>;
};

/** Reads the pipe `fd` to its end and closes it. `onBytes` may keep what it gets. */
export function readPipe(fd: number, onBytes: (bytes: Uint8Array) => void): PipeReader {
  const inode = fstatSync(fd).ino;
  const reader = Bun.file(fd).stream().getReader();
  const pump = async (): Promise<void> => {
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        onBytes(part.value);
      }
    } finally {
      closeSync(fd);
    }
  };
  return { fd, inode, ended: pump(), cancel: () => reader.cancel() };
}
