import { expect, test } from "bun:test";
import { LastLines } from "../../src/report/last-lines.ts";

function linesOf(...parts: readonly (string | Uint8Array)[]): readonly string[] {
  const lines = new LastLines();
  for (const part of parts) lines.add(typeof part === "string" ? Buffer.from(part) : part);
  return lines.lines();
}

test("the last ten lines are kept, whatever the pieces they came in", () => {
  const all = Array.from({ length: 5000 }, (_, index) => `line ${index}`);
  const expected = all.slice(-10);
  expect(linesOf(`${all.join("\n")}\n`)).toEqual(expected);
  expect(linesOf(...[...all.join("\n")])).toEqual(expected);
});

test("a long line shows its end, and empty lines at the end do not count", () => {
  const [line = ""] = linesOf(`${"x".repeat(100_000)}end\n\n\n`);
  expect(line.length).toBeLessThan(10_000);
  expect(line.endsWith("xend")).toBe(true);
  expect(linesOf("")).toEqual([]);
});

test("colours go, a progress bar shows its last state, and control characters are written out", () => {
  expect(linesOf("\x1b[31mred\x1b[0m\n10%\r90%\r\nbell\x07\ta\n")).toEqual([
    "red",
    "90%",
    "bell\\x07    a",
  ]);
});

test("bytes that are no text do not keep the others from being shown", () => {
  expect(linesOf(new Uint8Array([0x61, 0xff, 0x62, 0x0a]))).toEqual(["a\ufffdb"]);
});
