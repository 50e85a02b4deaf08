import { expect, test } from "bun:test";
import { createEscapeStripper } from "../../src/base/escape-stripper.ts";

const latin1 = (text: string): Uint8Array => Buffer.from(text, "latin1");

function strip(...chunks: readonly Uint8Array[]): string {
  const stripper = createEscapeStripper();
  const parts = [...chunks.map(stripper.push), stripper.finish()];
  return Buffer.concat(parts).toString("latin1");
}

const cases: readonly (readonly [rule: string, input: string, expected: string])[] = [
  ["colours go", "\x1b[31mred\x1b[0m", "red"],
  ["cursor movement goes", "a\x1b[2K\x1b[1;1H\x1b[?25lb", "ab"],
  ["a window title goes, ended by BEL", "\x1b]0;title\x07text", "text"],
  ["a window title goes, ended by ESC \\", "\x1b]0;title\x1b\\text", "text"],
  ["links go and their text stays", "\x1b]8;;http://x\x1b\\here\x1b]8;;\x1b\\", "here"],
  ["a designation goes", "\x1b(B\x1b[mtext", "text"],
  ["two-byte sequences go", "\x1b7a\x1b8b\x1bMc", "abc"],
  ["a device string goes", "\x1bPq#0\x1b\\x", "x"],
  ["NUL, BEL, tab and carriage return stay", "\0\x07\t\r\n\x08", "\0\x07\t\r\n\x08"],
  ["bytes that are no UTF-8 stay", "\xff\xfe\x80\x9b31m", "\xff\xfe\x80\x9b31m"],
  ["an ESC before a line break is text", "\x1b\n", "\x1b\n"],
  ["an ESC at the very end is text", "a\x1b", "a\x1b"],
  ["an unfinished sequence at the end is text", "a\x1b[31", "a\x1b[31"],
  ["a sequence broken off by another is text", "\x1b[3\x1b[31mx", "\x1b[3x"],
  ["a title that runs into a line break is text", "\x1b]0;t\nx\x07", "\x1b]0;t\nx\x07"],
  ["a title broken off by a sequence is text", "\x1b]0;t\x1b[31mx", "\x1b]0;tx"],
  ["ESC ESC [ m keeps the first ESC", "\x1b\x1b[m", "\x1b"],
];

test.each(cases)("%s", (_rule, input, expected) => {
  expect(strip(latin1(input))).toBe(expected);
  expect(strip(...[...latin1(input)].map((byte) => Uint8Array.of(byte)))).toBe(expected);
});

test("text without sequences is passed on without a copy", () => {
  const bytes = latin1("plain");
  expect(createEscapeStripper().push(bytes)).toBe(bytes);
});

test("a sequence that never ends is text once it is too long to be one", () => {
  const stripper = createEscapeStripper();
  const start = latin1("\x1b]0;");
  const filling = new Uint8Array(1024 * 1024).fill(0x61);
  expect(stripper.push(start).length).toBe(0);
  expect(stripper.push(filling).length).toBe(start.length + filling.length);
  expect(Buffer.from(stripper.push(latin1("b\x07"))).toString("latin1")).toBe("b\x07");
});

test("any bytes, cut anywhere, give what one pattern over the whole gives", () => {
  const sequence =
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are control characters
    /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][\x20-\xff]*?(?:\x07|\x1b\\)|[PX^_][\x20-\xff]*?\x1b\\|[ -/]+[0-~]|[0-OQ-WYZ\\`-~])/g;
  const alphabet = "\x1b\x1b\x1b[[]P(;31mB\\\x07\n\x00\x80\xffaK? ";
  const random = seededRandom(7);
  for (let round = 0; round < 3000; round += 1) {
    const text = Array.from(
      { length: random(40) },
      () => alphabet[random(alphabet.length)] ?? "",
    ).join("");
    const bytes = latin1(text);
    const cuts = [random(bytes.length + 1), random(bytes.length + 1)].sort((a, b) => a - b);
    const [first = 0, second = 0] = cuts;
    const chunks = [bytes.slice(0, first), bytes.slice(first, second), bytes.slice(second)];
    expect(strip(...chunks)).toBe(text.replaceAll(sequence, ""));
  }
});

function seededRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return below === 0 ? 0 : (state >>> 8) % below;
  };
}
