import { GrowingBytes } from "../base/growing-bytes.ts";
import type { CapturedChunk } from "../cache/captured-text.ts";
import type { OutputStream } from "./event.ts";

/** More text than this is forwarded but not kept, so that the run is not stored. */
const captureBytesMax = 256 * 1024 * 1024;

export type CapturedText =
  | { readonly kind: "complete"; readonly chunks: readonly CapturedChunk[] }
  | { readonly kind: "too-large" };

export type Capture = {
  /** Keeps a copy of `bytes`. */
  readonly add: (stream: OutputStream, bytes: Uint8Array) => void;
  readonly finish: () => CapturedText;
};

/**
 * Keeps what a step prints: every byte, in the order of arrival. A chunk is what came on one stream
 * without the other coming between.
 */
export function createCapture(bytesMax: number = captureBytesMax): Capture {
  const kept = new GrowingBytes();
  const starts: { readonly stream: OutputStream; readonly from: number }[] = [];
  let isTooLarge = false;
  return {
    add: (stream, bytes) => {
      if (kept.length + bytes.length > bytesMax) {
        isTooLarge = true;
        kept.take();
      }
      if (isTooLarge || bytes.length === 0) return;
      if (starts.at(-1)?.stream !== stream) starts.push({ stream, from: kept.length });
      kept.append(bytes);
    },
    finish: () => {
      if (isTooLarge) return { kind: "too-large" };
      const all = kept.take();
      const chunks = starts.map(({ stream, from }, index) => ({
        stream,
        bytes: all.subarray(from, starts[index + 1]?.from),
      }));
      return { kind: "complete", chunks };
    },
  };
}
