import { expect, test } from "bun:test";
import { createCapture } from "../../src/execute/capture.ts";

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

test("chunks keep their streams and their order, and neighbours of one stream are one chunk", () => {
  const capture = createCapture();
  capture.add("stdout", bytes("a"));
  capture.add("stdout", bytes("b"));
  capture.add("stderr", bytes("e"));
  capture.add("stdout", bytes(""));
  capture.add("stderr", bytes("f"));
  capture.add("stdout", bytes("c"));
  expect(capture.finish()).toEqual({
    kind: "complete",
    chunks: [
      { stream: "stdout", bytes: bytes("ab") },
      { stream: "stderr", bytes: bytes("ef") },
      { stream: "stdout", bytes: bytes("c") },
    ],
  });
});

test("a step that printed nothing has no chunks", () => {
  expect(createCapture().finish()).toEqual({ kind: "complete", chunks: [] });
});

test("every byte is kept, whether it is text or not, and later changes to it are not", () => {
  const all = Uint8Array.from({ length: 256 }, (_, value) => value);
  const passed = all.slice();
  const capture = createCapture();
  capture.add("stdout", passed);
  passed.fill(0);
  const text = capture.finish();
  expect(text.kind === "complete" && Buffer.from(text.chunks[0]?.bytes ?? []).equals(all)).toBe(
    true,
  );
});

test("many small pieces become one chunk", () => {
  const capture = createCapture();
  for (let index = 0; index < 20_000; index += 1) capture.add("stdout", bytes("x"));
  expect(capture.finish()).toEqual({
    kind: "complete",
    chunks: [{ stream: "stdout", bytes: bytes("x".repeat(20_000)) }],
  });
});

test("text up to the limit is kept, one byte more is too large", () => {
  const capture = createCapture(4);
  capture.add("stdout", bytes("abcd"));
  expect(capture.finish().kind).toBe("complete");

  const larger = createCapture(4);
  larger.add("stdout", bytes("abc"));
  larger.add("stderr", bytes("de"));
  larger.add("stdout", bytes("f"));
  expect(larger.finish()).toEqual({ kind: "too-large" });
});
