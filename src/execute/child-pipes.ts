import { closeSync } from "node:fs";
import { openPipe } from "../native/pipe.ts";
import type { OutputStream } from "./event.ts";
import { type PipeReader, readPipe, readStream } from "./pipe-reader.ts";

type OnChunk = (stream: OutputStream, bytes: Uint8Array) => void;

/** What a child prints to. To be disposed of when it has been started, or could not be. */
export type ChildPipes = Disposable & {
  readonly stdio: readonly [stdout: number | "pipe", stderr: number | "pipe"];
  /** To be called once the child runs. */
  readonly read: (child: Bun.Subprocess, onChunk: OnChunk) => readonly PipeReader[];
};

/**
 * Real pipes: Bun's own "pipe" is a socket on Linux, which programs cannot open again as /dev/stdout or
 * /dev/stderr. It has to do where there is no native library. Throws when no more files can be opened.
 */
export function openChildPipes(): ChildPipes {
  using opened = new DisposableStack();
  const stdout = openPipe();
  if (stdout === undefined) return streamsOfBun;
  opened.defer(() => closeBoth(stdout));
  const stderr = openPipe();
  if (stderr === undefined) return streamsOfBun;
  opened.move();
  let isRead = false;
  return {
    stdio: [stdout.write, stderr.write],
    read: (_, onChunk) => {
      isRead = true;
      return [
        readPipe(stdout.read, (bytes) => onChunk("stdout", bytes)),
        readPipe(stderr.read, (bytes) => onChunk("stderr", bytes)),
      ];
    },
    [Symbol.dispose]: () => {
      for (const { read, write } of [stdout, stderr]) {
        closeSync(write);
        if (!isRead) closeSync(read);
      }
    },
  };
}

function closeBoth({ read, write }: { readonly read: number; readonly write: number }): void {
  closeSync(read);
  closeSync(write);
}

const streamsOfBun: ChildPipes = {
  stdio: ["pipe", "pipe"],
  read: ({ stdout, stderr }, onChunk) => {
    if (!(stdout instanceof ReadableStream && stderr instanceof ReadableStream)) return [];
    return [
      readStream(stdout, (bytes) => onChunk("stdout", bytes)),
      readStream(stderr, (bytes) => onChunk("stderr", bytes)),
    ];
  },
  [Symbol.dispose]: () => undefined,
};
