import { nativeLibrary } from "./library.ts";

/** A file of a tar that lies whole in some bytes. */
export type TarEntry = {
  readonly row: number;
  /** Where its content begins, right behind its header. */
  readonly start: number;
  readonly entry: { readonly size: number };
};

/** `struct entry` of native/tar.c, in numbers of four bytes. */
const rowLength = 4;

/**
 * How many entries have the header that they should have, up to the first that has another one. `blank` is
 * a header without name, size and sum. Undefined without the library.
 */
export function countHeaders(
  entries: readonly TarEntry[],
  bytes: Uint8Array,
  blank: Uint8Array,
): number | undefined {
  const library = nativeLibrary();
  if (typeof library === "string") return undefined;
  return library.files().vt_check_headers(bytes, blank, packRows(entries, blank), entries.length);
}

/** Writes those headers, and the zeros behind the contents. False without the library. */
export function didWriteHeaders(
  entries: readonly TarEntry[],
  bytes: Uint8Array,
  blank: Uint8Array,
): boolean {
  const library = nativeLibrary();
  if (typeof library === "string") return false;
  library.files().vt_write_headers(bytes, blank, packRows(entries, blank), entries.length);
  return true;
}

function packRows(entries: readonly TarEntry[], blank: Uint8Array): Uint32Array {
  const rows = new Uint32Array(entries.length * rowLength);
  let at = 0;
  for (const { row, start, entry } of entries) {
    rows[at] = row;
    rows[at + 1] = start - blank.length;
    rows[at + 2] = entry.size;
    rows[at + 3] = entry.size / 2 ** 32;
    at += rowLength;
  }
  return rows;
}
