// The signature of an executable for macOS. Bun signs anew what it builds for arm64; in what it builds for
// x64 it leaves the signature of its own executable, which does not fit any more: macOS would end it.
import { createHash } from "node:crypto";

const segmentCommand = 0x19;
const signatureCommand = 0x1d;
const headerBytes = 32;
const pageBytes = 4096;
const digestBytes = 32;

/** Of the code directory, up to the fields of its version. */
const directoryBytes = 88;
const directoryVersion = 0x20400;
/** By nobody, and by a linker: what Bun's own carry. */
const flags = 0x20002;
const mainBinary = 1n;

/** Where a load command starts, by its kind, for segments by their name. */
type Commands = ReadonlyMap<string, number>;

/**
 * The same executable with a signature that names nobody and fits its bytes. Throws when it has none to be
 * replaced, or is no executable for 64 bits.
 */
export function signAdHoc(executable: Uint8Array, identifier: string): Buffer {
  const bytes = Buffer.from(executable);
  const commands = readCommands(bytes);
  const signature = commandAt(commands, "signature");
  const linkEdit = commandAt(commands, "__LINKEDIT");
  const codeBytes = bytes.readUInt32LE(signature + 8);
  const pages = Math.ceil(codeBytes / pageBytes);
  const nameBytes = Buffer.byteLength(identifier) + 1;
  const blobBytes = 20 + directoryBytes + nameBytes + pages * digestBytes;
  // The header is signed, too, so it is changed first.
  bytes.writeUInt32LE(blobBytes, signature + 12);
  const linkEditBytes = BigInt(codeBytes + blobBytes) - bytes.readBigUInt64LE(linkEdit + 40);
  bytes.writeBigUInt64LE(roundUp(linkEditBytes), linkEdit + 32);
  bytes.writeBigUInt64LE(linkEditBytes, linkEdit + 48);
  const code = bytes.subarray(0, codeBytes);
  const text = commandAt(commands, "__TEXT");
  const directory = codeDirectory(code, identifier, {
    start: bytes.readBigUInt64LE(text + 40),
    size: bytes.readBigUInt64LE(text + 48),
  });
  return Buffer.concat([code, superBlob(directory)]);
}

function readCommands(bytes: Buffer): Commands {
  if (bytes.readUInt32LE(0) !== 0xfeedfacf) throw new Error("no executable for macOS of 64 bits");
  const commands = new Map<string, number>();
  let at = headerBytes;
  for (let left = bytes.readUInt32LE(16); left > 0; left -= 1) {
    const kind = bytes.readUInt32LE(at);
    if (kind === signatureCommand) commands.set("signature", at);
    if (kind === segmentCommand)
      commands.set(bytes.toString("latin1", at + 8, at + 24).replace(/\0+$/, ""), at);
    at += bytes.readUInt32LE(at + 4);
  }
  return commands;
}

function commandAt(commands: Commands, name: string): number {
  const found = commands.get(name);
  if (found === undefined) throw new Error(`the executable for macOS has no ${name}`);
  return found;
}

function roundUp(size: bigint): bigint {
  return (size + BigInt(pageBytes) - 1n) & ~(BigInt(pageBytes) - 1n);
}

type Segment = { readonly start: bigint; readonly size: bigint };

/** A digest of each page, with what they are of. All numbers are big-endian. */
function codeDirectory(code: Buffer, identifier: string, text: Segment): Buffer {
  const name = Buffer.from(`${identifier}\0`);
  const digests: Buffer[] = [];
  for (let at = 0; at < code.length; at += pageBytes)
    digests.push(
      createHash("sha256")
        .update(code.subarray(at, at + pageBytes))
        .digest(),
    );
  const head = Buffer.alloc(directoryBytes);
  const numbers = [
    ...[0xfade0c02, directoryBytes + name.length + digests.length * digestBytes],
    ...[directoryVersion, flags, directoryBytes + name.length, directoryBytes],
    ...[0, digests.length, code.length],
  ];
  for (const [index, value] of numbers.entries()) head.writeUInt32BE(value, index * 4);
  head.writeUInt8(digestBytes, 36);
  head.writeUInt8(2, 37); // SHA-256
  head.writeUInt8(Math.log2(pageBytes), 39);
  head.writeBigUInt64BE(text.start, 64);
  head.writeBigUInt64BE(text.size, 72);
  head.writeBigUInt64BE(mainBinary, 80);
  return Buffer.concat([head, name, ...digests]);
}

/** What holds the parts of a signature; this one has a single part. */
function superBlob(directory: Buffer): Buffer {
  const head = Buffer.alloc(20);
  const numbers = [0xfade0cc0, head.length + directory.length, 1, 0, head.length];
  for (const [index, value] of numbers.entries()) head.writeUInt32BE(value, index * 4);
  return Buffer.concat([head, directory]);
}
