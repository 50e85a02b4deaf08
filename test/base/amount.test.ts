import { expect, test } from "bun:test";
import { describeAge, describeBytes, parseAge, parseBytes } from "../../src/base/amount.ts";

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [10 * 1024 ** 3, "10.0 GiB"],
  [3 * 1024 ** 5, "3072.0 TiB"],
])("%d bytes are %s", (bytes, text) => {
  expect(describeBytes(bytes)).toBe(text);
});

test.each([
  [0, "just now"],
  [60_000, "1 minute ago"],
  [59 * 60_000, "59 minutes ago"],
  [7_200_000, "2 hours ago"],
  [30 * 86_400_000, "30 days ago"],
])("%d ms ago is %s", (ageMs, text) => {
  expect(describeAge(ageMs)).toBe(text);
});

test.each([
  ["0", 0],
  ["512", 512],
  ["1k", 1024],
  ["1.5 MB", 1.5 * 1024 ** 2],
  ["2GiB", 2 * 1024 ** 3],
  ["", undefined],
  ["-1", undefined],
  ["1 PB", undefined],
  ["1e9", undefined],
  ["one", undefined],
])("the size %j is %p bytes", (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each([
  ["10s", 10_000],
  ["90m", 5_400_000],
  ["12h", 43_200_000],
  ["30d", 30 * 86_400_000],
  ["30", undefined],
  ["1.5d", undefined],
  ["d", undefined],
])("the time %j is %p ms", (text, ms) => {
  expect(parseAge(text)).toBe(ms);
});
