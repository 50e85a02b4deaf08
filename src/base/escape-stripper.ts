/*
 * Escape sequences, as ECMA-48 writes them, plus the BEL that ends a window title:
 *
 *     ESC [ 0-? … SP-/ … @-~          control sequence: colours, cursor
 *     ESC ] … (BEL | ESC \)           command to the terminal: title, link
 *     ESC (P|X|^|_) … ESC \           other strings
 *     ESC SP-/ … 0-~                  designations, such as `ESC ( B`
 *     ESC 0-~                         all others
 *
 * Strings end unfinished at a control character. What looks like the start of a sequence and turns
 * out to be none is text, every byte of it; so are the C1 control bytes 0x80–0x9f, which are parts
 * of characters in UTF-8.
 */

/** A longer "sequence" is text: no terminal takes longer ones, and what is held is not shown. */
const sequenceBytesMax = 1024 * 1024;

export type EscapeStripper = {
  /**
   * Returns the bytes of `bytes` that are text. What may be the start of a sequence is held back
   * until a later call settles it. The result may share memory with `bytes`.
   */
  readonly push: (bytes: Uint8Array) => Uint8Array;
  /** Ends the stream: returns what was held back, since an unfinished sequence is text. */
  readonly finish: () => Uint8Array;
};

/** Removes escape sequences from one stream of bytes and keeps every other byte. */
export function createEscapeStripper(): EscapeStripper {
  let state: State = "text";
  let held: Uint8Array = new Uint8Array(0);

  const push = (bytes: Uint8Array): Uint8Array => {
    if (state === "text" && !bytes.includes(escapeByte)) return bytes;
    const input = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    const scanned = scan(input, held.length, state);
    state = scanned.state;
    held = input.slice(scanned.heldFrom);
    if (held.length <= sequenceBytesMax) return concat(scanned.text);
    const released = held;
    state = "text";
    held = new Uint8Array(0);
    return concat([...scanned.text, released]);
  };

  const finish = (): Uint8Array => {
    const released = held;
    state = "text";
    held = new Uint8Array(0);
    return released;
  };

  return { push, finish };
}

const escapeByte = 0x1b;
const bellByte = 0x07;

type State =
  | "text"
  | "escape"
  | "parameters"
  | "intermediates"
  | "designation"
  | "command"
  | "string"
  | "string-end";

type Scanned = {
  readonly text: readonly Uint8Array[];
  readonly state: State;
  /** Where the unfinished sequence starts; the end of the input when there is none. */
  readonly heldFrom: number;
};

/** Scans `input` from `from` on; when `startState` is not "text", a sequence has begun at 0. */
function scan(input: Uint8Array, from: number, startState: State): Scanned {
  const text: Uint8Array[] = [];
  let state = startState;
  let textStart = 0;
  let sequenceStart = 0;
  let index = from;
  while (index < input.length) {
    if (state === "text") {
      const found = input.indexOf(escapeByte, index);
      if (found === -1) break;
      sequenceStart = found;
      state = "escape";
      index = found + 1;
      continue;
    }
    const next = advance(state, input[index] ?? 0);
    if (next === "broken") {
      // The byte is looked at again: it may be the ESC of a sequence, or follow one.
      sequenceStart = index - 1;
      state = state === "string-end" ? "escape" : "text";
      continue;
    }
    index += 1;
    if (next === "complete") {
      text.push(input.subarray(textStart, sequenceStart));
      textStart = index;
      state = "text";
    } else state = next;
  }
  const heldFrom = state === "text" ? input.length : sequenceStart;
  text.push(input.subarray(textStart, heldFrom));
  return { text, state, heldFrom };
}

function advance(state: Exclude<State, "text">, byte: number): State | "complete" | "broken" {
  switch (state) {
    case "escape":
      return afterEscape(byte);
    case "parameters":
      if (isBetween(byte, 0x30, 0x3f)) return state;
      return advance("intermediates", byte);
    case "intermediates":
      if (isBetween(byte, 0x20, 0x2f)) return state;
      return isBetween(byte, 0x40, 0x7e) ? "complete" : "broken";
    case "designation":
      if (isBetween(byte, 0x20, 0x2f)) return state;
      return isBetween(byte, 0x30, 0x7e) ? "complete" : "broken";
    case "command":
      if (byte === bellByte) return "complete";
      return insideString(byte, state);
    case "string":
      return insideString(byte, state);
    case "string-end":
      return byte === 0x5c ? "complete" : "broken";
  }
}

function afterEscape(byte: number): State | "complete" | "broken" {
  if (byte === 0x5b) return "parameters";
  if (byte === 0x5d) return "command";
  if (byte === 0x50 || byte === 0x58 || byte === 0x5e || byte === 0x5f) return "string";
  if (isBetween(byte, 0x20, 0x2f)) return "designation";
  return isBetween(byte, 0x30, 0x7e) ? "complete" : "broken";
}

function insideString(byte: number, state: "command" | "string"): State | "broken" {
  if (byte === escapeByte) return "string-end";
  return byte >= 0x20 ? state : "broken";
}

function isBetween(byte: number, first: number, last: number): boolean {
  return byte >= first && byte <= last;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}
