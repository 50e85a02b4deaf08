import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { constants, zstdCompressSync } from "node:zlib";
import { archivePath } from "../../src/archive/format.ts";
import type { ArchiveReference, Manifest } from "../../src/archive/manifest.ts";
import type { RestoreOutcome } from "../../src/archive/restore.ts";
import { digestOf } from "../../src/base/digest.ts";
import { workspacePath } from "../../src/base/path.ts";
import { noise, type Picture, Sandbox } from "./sandbox.ts";

/*
 * Archives from raw bytes. Unless a test says otherwise the manifest names the digest and the size of
 * the hostile archive itself, so that what is inside has to be refused for its own sake.
 */

const [a, b] = [Buffer.from("aaa"), Buffer.alloc(600, "b")];
const manifest: Manifest = [
  { kind: "file", path: workspacePath("dist/a"), size: 3, mode: 0o644, digest: digestOf(a) },
  { kind: "file", path: workspacePath("dist/b"), size: 600, mode: 0o755, digest: digestOf(b) },
  { kind: "link", path: workspacePath("dist/link"), target: "a" },
];
const restored: Picture = {
  dist: "directory 755",
  "dist/a": "file 644 aaa",
  "dist/b": `file 755 ${Bun.hash(b)}`,
  "dist/link": "link -> a",
};

type Header = {
  readonly name: string;
  /** As text in the field, or as a number to be written in octal. */
  readonly size: number | Buffer;
  readonly type?: string;
  readonly prefix?: string;
  readonly linkName?: string;
  readonly magic?: string;
  readonly checksum?: string;
};

function header({ name, size, type = "0", prefix = "", ...other }: Header): Buffer {
  const { linkName = "", magic = "ustar\x0000", checksum } = other;
  const block = Buffer.alloc(512);
  block.write(name, 0, 100);
  block.write("000644 \x00000000 \x00000000 \0", 100);
  const sizeField = typeof size === "number" ? `${size.toString(8).padStart(11, "0")} ` : size;
  Buffer.from(sizeField).copy(block, 124);
  block.write("00000000000         ", 136);
  block.write(type, 156);
  block.write(linkName, 157, 100);
  block.write(magic, 257);
  block.write("000000 \x00000000 \0", 329);
  block.write(prefix, 345, 155);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(checksum ?? `${sum.toString(8).padStart(6, "0")} \0`, 148);
  return block;
}

function entry(head: Header, content: Uint8Array = Buffer.alloc(0)): Buffer {
  return Buffer.concat([header(head), content, Buffer.alloc(-content.length & 511)]);
}

const first = entry({ name: "0", size: 3 }, a);
const second = entry({ name: "1", size: 600 }, b);
const end = Buffer.alloc(1024);
const good = Buffer.concat([first, second, end]);

function compress(bytes: Uint8Array, params: Record<number, number> = {}): Buffer {
  return zstdCompressSync(bytes, {
    params: { [constants.ZSTD_c_checksumFlag]: 1, ...params },
  });
}

async function attack(
  sandbox: Sandbox,
  bytes: Uint8Array,
  archive: ArchiveReference = { digest: digestOf(bytes), size: bytes.length },
): Promise<RestoreOutcome> {
  writeFileSync(archivePath(sandbox.cache, archive.digest), bytes);
  return await sandbox.restore({ manifest, archive });
}

/** Refused, with nothing written anywhere; or, where the case allows it, restored exactly. */
async function expectRefusal(bytes: Uint8Array, other: "damaged" | "restored" = "damaged") {
  using sandbox = new Sandbox();
  const outcome = await attack(sandbox, bytes);
  const isRestored = outcome.kind === "restored" && other === "restored";
  expect(outcome.kind).toBe(isRestored ? "restored" : "damaged");
  expect(sandbox.picture()).toEqual(isRestored ? restored : {});
  expect(sandbox.surroundings()["canary"]).toBe("file 644 untouched");
  expect(Object.keys(sandbox.surroundings())).toHaveLength(2);
}

test("the archives of these tests would be restored if nothing were wrong with them", async () => {
  using sandbox = new Sandbox();
  expect((await attack(sandbox, compress(good))).kind).toBe("restored");
  expect(sandbox.picture()).toEqual(restored);
});

const withFirst = (head: Partial<Header>, content: Uint8Array = a): Buffer =>
  Buffer.concat([entry({ name: "0", size: content.length, ...head }, content), second, end]);
const pax = (type: string, text: string): Buffer =>
  entry({ name: "PaxHeader", size: text.length, type }, Buffer.from(text));
const before = (...blocks: Buffer[]): Buffer => Buffer.concat([...blocks, first, second, end]);
/** Keeps the decoded size as it should be, so that it cannot be what gives the archive away. */
const instead = (...blocks: Buffer[]): Buffer =>
  Buffer.concat([...blocks, good]).subarray(0, good.length);

const hostileTars: [name: string, bytes: Buffer][] = [
  ["a name with ..", withFirst({ name: "../root-evil/x" })],
  ["an absolute name", withFirst({ name: "/tmp/x" })],
  ["the path of the output", withFirst({ name: "dist/a" })],
  ["a number written otherwise", withFirst({ name: "00" })],
  ["a number with a path", withFirst({ name: "./0" })],
  ["a number with a slash behind it", withFirst({ name: "0/" })],
  ["an empty name", withFirst({ name: "" })],
  ["a prefix", withFirst({ prefix: ".." })],
  ["the row of another file", withFirst({ name: "1" })],
  ["the row of a link", withFirst({ name: "2" })],
  ["a row that is not there", withFirst({ name: "3" })],
  ...["1", "2", "3", "4", "5", "6", "7", "L", "K", "x", "g", "S", "Z", "\xff"].map(
    (type): [string, Buffer] => [`type ${type}`, withFirst({ type, linkName: "../root-evil/x" })],
  ),
  ["a smaller size", withFirst({ size: 2 })],
  ["a larger size", withFirst({ size: 4 })],
  ["a size of none", withFirst({ size: 0 })],
  ["a negative size", withFirst({ size: Buffer.alloc(12, 0xff) })],
  ["a size with a minus", withFirst({ size: Buffer.from("-0000000003\0") })],
  ["a huge size", withFirst({ size: Buffer.from("800000007fffffffffffffff", "hex") })],
  ["a size that is no number", withFirst({ size: Buffer.from("three\0") })],
  ["another content", withFirst({}, Buffer.from("abc"))],
  ["a wrong checksum", withFirst({ checksum: "000001 \0" })],
  ["an unknown format", withFirst({ magic: "nonsense" })],
  ["another order", Buffer.concat([second, first, end])],
  ["an entry twice", Buffer.concat([first, first, second, end])],
  ["an entry too many", Buffer.concat([first, second, first, end])],
  ["an entry too few", Buffer.concat([first, end])],
  ["no entry", end],
  ["nothing", Buffer.alloc(0)],
  ["no end", Buffer.concat([first, second])],
  ["half an end", Buffer.concat([first, second, end.subarray(512)])],
  ["bytes behind the end", Buffer.concat([good, Buffer.from("more")])],
  ["an entry behind the end", Buffer.concat([good, first])],
  ["a longer end", Buffer.concat([good, end])],
  ["blocks of zeros before the entries", Buffer.concat([end, first, second])],
  ["no tar at all", Buffer.from(noise(good.length))],
  ["a pax path", before(pax("x", "12 path=../x\n"))],
  ["a pax path in the room of the end", instead(pax("x", "12 path=../x\n"))],
  ["a pax size", before(pax("x", "11 size=600\n"))],
  ["a pax record without end", before(pax("x", "9999999 path=../x\n"))],
  ["a pax record of length none", before(pax("x", "0 path=../x\n"))],
  ["a pax path with NUL", before(pax("x", "12 path=0\0x\n"))],
  ["a global pax header", before(pax("g", "12 path=../x\n"))],
  ["a pax header of 2 GiB", before(entry({ name: "p", size: 2 ** 31 - 1, type: "x" }))],
  ["a GNU long name", before(entry({ name: "L", size: 5, type: "L" }, Buffer.from("../x\0")))],
  ["a GNU long link", before(entry({ name: "K", size: 5, type: "K" }, Buffer.from("../x\0")))],
];

describe("a tar file that differs from its manifest is refused, and nothing is written", () => {
  test.each(hostileTars)("%s", async (_, bytes) => {
    await expectRefusal(compress(bytes));
  });

  test("the end comes early, at every 64th byte", async () => {
    for (let length = 0; length < good.length; length += 64) {
      await expectRefusal(compress(good.subarray(0, length)));
    }
  });

  test("a million empty entries", async () => {
    const empty = entry({ name: "0", size: 0 });
    await expectRefusal(compress(Buffer.alloc(empty.length * 1_000_000, empty)));
  });
});

const hostileFrames: [name: string, bytes: Buffer][] = [
  ["no frame", good],
  ["nothing", Buffer.alloc(0)],
  ["noise", Buffer.from(noise(5000))],
  ["bytes behind the frame", Buffer.concat([compress(good), Buffer.from("more")])],
  ["a second frame with more", Buffer.concat([compress(good), compress(good)])],
  ["a window of 128 MiB", compressWithWindow(27)],
  ["a bomb", compress(Buffer.alloc(64 * 1024 ** 2))],
  ["a bomb behind the files", compress(Buffer.concat([good, Buffer.alloc(64 * 1024 ** 2)]))],
];

/** A frame only asks for the window when its content could fill it. */
function compressWithWindow(log: number): Buffer {
  const frame = compress(Buffer.alloc(1024 ** 2), { [constants.ZSTD_c_windowLog]: log });
  // Without the content size, which would otherwise stand for the window: RFC 8878, 3.1.1.1.
  const descriptor = (frame[4] ?? 0) & 0b0000_0100;
  const windowByte = (log - 10) << 3;
  const rest = frame.subarray(frame.indexOf(Buffer.from([0])));
  return Buffer.concat([frame.subarray(0, 4), Buffer.of(descriptor, windowByte), rest]);
}

describe("a frame that holds something else is refused, and nothing is written", () => {
  test.each(hostileFrames)("%s", async (_, bytes) => {
    await expectRefusal(bytes);
  });
});

describe("an archive that is not the one the manifest names is never decoded", () => {
  const bytes = compress(Buffer.from(good));
  const archive = { digest: digestOf(bytes), size: bytes.length };

  async function expectMismatch(changed: Uint8Array): Promise<void> {
    using sandbox = new Sandbox();
    const outcome = await attack(sandbox, changed, archive);
    const isSameSize = changed.length === archive.size;
    const detail = isSameSize ? "wrong digest" : `it has ${changed.length} bytes`;
    expect(outcome).toEqual({ kind: "damaged", detail });
    expect(sandbox.picture()).toEqual({});
  }

  test("whichever bit was flipped", async () => {
    for (let bit = 0; bit < bytes.length * 8; bit += 7) await expectMismatch(flip(bytes, bit));
  });

  test("wherever it was cut", async () => {
    for (let length = 0; length < bytes.length; length += 64) {
      await expectMismatch(bytes.subarray(0, length));
    }
  });

  test("whatever was added", async () => {
    await expectMismatch(Buffer.concat([bytes, Buffer.of(0)]));
    await expectMismatch(Buffer.concat([bytes, bytes]));
  });
});

describe("what the digest does not tell is told by the contents", () => {
  const bytes = compress(Buffer.from(good));

  test("whichever bit was flipped", async () => {
    for (let bit = 0; bit < bytes.length * 8; bit += 11) {
      await expectRefusal(flip(bytes, bit), "restored");
    }
  });

  test("wherever it was cut", async () => {
    for (let length = 0; length < bytes.length; length++) {
      await expectRefusal(bytes.subarray(0, length), "restored");
    }
  });
});

function flip(bytes: Uint8Array, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}

test("a manifest that leads out of the workspace is refused before anything is read", async () => {
  using sandbox = new Sandbox();
  const path = workspacePath("../root-evil/canary");
  const hostile: Manifest = [{ kind: "file", path, size: 3, mode: 0o644, digest: digestOf(a) }];
  const archive = { digest: digestOf(a), size: 3 };
  expect(await sandbox.restore({ manifest: hostile, archive })).toEqual({
    kind: "damaged",
    detail: "an output is no clean path below the workspace",
  });
  expect(sandbox.surroundings()).toEqual({ canary: "file 644 untouched" });
});
