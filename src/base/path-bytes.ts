/* Apart from `path.ts`, for those who have no time for `node:path`: see there what a path is as text. */

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes of a path → text. Never fails; `encodePath` gives the same bytes back. */
export function decodePath(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return decodeWithEscapes(bytes);
  }
}

/** The same of a part of many bytes, without making an object of that part. */
export function decodePathIn(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString("utf8", start, end);
  // What is no text is rare, and so is the character that stands for it.
  return text.includes("\ufffd") ? decodePath(bytes.subarray(start, end)) : text;
}

/** Text → the bytes the operating system knows the path by. */
export function encodePath(path: string): Uint8Array {
  if (path.isWellFormed()) return Buffer.from(path);
  const parts: Uint8Array[] = [];
  for (const character of path) {
    const unit = character.charCodeAt(0);
    const isEscape = character.length === 1 && unit >= 0xdc80 && unit <= 0xdcff;
    parts.push(isEscape ? Uint8Array.of(unit - 0xdc00) : Buffer.from(character));
  }
  return Buffer.concat(parts);
}

function decodeWithEscapes(bytes: Uint8Array): string {
  let text = "";
  let index = 0;
  while (index < bytes.length) {
    const length = sequenceLength(bytes, index);
    if (length === 0) text += String.fromCharCode(0xdc00 + (bytes[index] ?? 0));
    else text += strictDecoder.decode(bytes.subarray(index, index + length));
    index += Math.max(1, length);
  }
  return text;
}

/** Length of the valid UTF-8 sequence that starts at `index`, 0 when there is none. */
function sequenceLength(bytes: Uint8Array, index: number): number {
  const lead = bytes[index] ?? 0;
  const length =
    lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length === 0 || index + length > bytes.length) return 0;
  try {
    strictDecoder.decode(bytes.subarray(index, index + length));
    return length;
  } catch {
    return 0;
  }
}
