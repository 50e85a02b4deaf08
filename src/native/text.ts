import { encodePath } from "../base/path-bytes.ts";

/** A text as C wants it: its bytes, and a NUL. */
export function nativeText(text: string): Buffer {
  return Buffer.from(encodePath(`${text}\0`));
}
