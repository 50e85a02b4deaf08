import { closeSync, fchmodSync, openSync, writeSync } from "node:fs";
import type { Extract, Header } from "tar-stream";
import { type Digest, DigestStream } from "../base/digest.ts";
import { isMissing } from "../base/file.ts";
import { type AbsolutePath, diskPath } from "../base/path.ts";
import { decodedBytes, entryBytes, fileRows, windowLogMax } from "./format.ts";
import type { ArchiveReference, FileEntry, Manifest } from "./manifest.ts";
import { digestOpenFile, type OpenFile, openFile, pieceBytes, piecesOf } from "./read-file.ts";
import { isSystemError, systemWords } from "./system-error.ts";

export type UnpackRequest = {
  readonly archiveFile: AbsolutePath;
  readonly archive: ArchiveReference;
  readonly manifest: Manifest;
  /** Where each needed file goes, by row. Nothing may stand there yet. */
  readonly targets: ReadonlyMap<number, AbsolutePath>;
};

export type UnpackOutcome =
  | { readonly kind: "unpacked" }
  /** The archive is not the one that belongs to the manifest. */
  | { readonly kind: "damaged"; readonly detail: string }
  /** The operating system refused something. */
  | { readonly kind: "failed"; readonly detail: string };

/**
 * Writes the needed files, each with the mode and the digest that its row says. Never decodes an
 * archive of another digest, never writes more than the manifest says. After anything but "unpacked",
 * what is at the targets is of no use.
 */
export async function unpackFiles(request: UnpackRequest): Promise<UnpackOutcome> {
  const { archiveFile, archive } = request;
  try {
    using file = openArchive(archiveFile);
    if (file.size !== archive.size) throw new DamagedArchive(`it has ${file.size} bytes`);
    if ((await digestOpenFile(file)) !== archive.digest) throw new DamagedArchive("wrong digest");
    await decode(file, request);
    return { kind: "unpacked" };
  } catch (error) {
    if (isSystemError(error)) return { kind: "failed", detail: systemWords(error) };
    if (error instanceof DamagedArchive) return { kind: "damaged", detail: error.message };
    throw error;
  }
}

/** The archive is to blame: the message says how it differs from what it should be. */
class DamagedArchive extends Error {}

function openArchive(path: AbsolutePath): OpenFile {
  try {
    return openFile(path);
  } catch (error) {
    if (isMissing(error)) throw new DamagedArchive("its archive is missing", { cause: error });
    throw error;
  }
}

async function decode(file: OpenFile, request: UnpackRequest): Promise<void> {
  const [{ constants, createZstdDecompress }, { pipeline }, tar] = await Promise.all([
    import("node:zlib"),
    import("node:stream/promises"),
    import("tar-stream"),
  ]);
  const decompressor = createZstdDecompress({
    chunkSize: pieceBytes,
    params: { [constants.ZSTD_d_windowLogMax]: windowLogMax },
  });
  try {
    await pipeline(piecesOf(file), decompressor, async (decoded: AsyncIterable<Buffer>) => {
      await extractRows(tar.extract(), decoded, request);
    });
  } catch (error) {
    if (isSystemError(error) || error instanceof DamagedArchive) throw error;
    throw new DamagedArchive(error instanceof Error ? error.message : "undecodable", {
      cause: error,
    });
  }
  // The decoder takes no notice of bytes behind its last frame.
  if (decompressor.bytesWritten !== file.size) throw new DamagedArchive("more than one frame");
}

type Entry = Extract extends AsyncIterable<infer Item> ? Item : never;

async function extractRows(
  extract: Extract,
  decoded: AsyncIterable<Buffer>,
  { manifest, targets }: UnpackRequest,
): Promise<void> {
  // Only one of the two loops can know why they ended: the stream carries its error to the other.
  extract.on("error", () => undefined);
  const feeding = feed(extract, decoded, decodedBytes(manifest)).catch((error) =>
    extract.destroy(error),
  );
  const expected = fileRows(manifest).values();
  let offset = 0;
  for await (const entry of extract) {
    const next = expected.next();
    if (next.done === true) throw new DamagedArchive("it has more entries than there are files");
    const { row, entry: file } = next.value;
    // Where an entry begins, too: nothing is hidden before it.
    if (entry.offset !== offset || !isHeaderOf(entry.header, row, file)) {
      throw new DamagedArchive(`entry ${row} is another one`);
    }
    offset += entryBytes(file.size);
    const target = targets.get(row);
    if (target === undefined) await skip(entry);
    else if ((await writeFile(entry, target, file.mode)) !== file.digest) {
      throw new DamagedArchive(`the content of entry ${row} has another digest`);
    }
  }
  await feeding;
  if (expected.next().done !== true) {
    throw new DamagedArchive("it has fewer entries than there are files");
  }
}

async function feed(extract: Extract, decoded: AsyncIterable<Buffer>, size: number): Promise<void> {
  let total = 0;
  for await (const chunk of decoded) {
    total += chunk.length;
    if (total > size) throw new DamagedArchive("it decodes to more than its files");
    if (extract.destroyed) return;
    if (!extract.write(chunk)) await drained(extract);
  }
  if (total < size) throw new DamagedArchive("it decodes to less than its files");
  extract.end(null);
}

/** Until more can be written, or nothing ever again. */
function drained(stream: Extract): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      stream.off("drain", settle).off("close", settle);
      resolve();
    };
    stream.on("drain", settle).on("close", settle);
  });
}

function isHeaderOf({ name, type, size }: Header, row: number, file: FileEntry): boolean {
  return name === String(row) && type === "file" && size === file.size;
}

async function skip(entry: Entry): Promise<void> {
  for await (const _ of entry);
}

/** Gives the digest of what was written. */
async function writeFile(entry: Entry, target: AbsolutePath, mode: number): Promise<Digest> {
  const digest = new DigestStream();
  const fd = openSync(diskPath(target), "wx", 0o600);
  try {
    for await (const piece of entry as AsyncIterable<unknown> as AsyncIterable<Buffer>) {
      digest.update(piece);
      for (let start = 0; start < piece.length; ) start += writeSync(fd, piece, start);
    }
    fchmodSync(fd, mode); // What `open` is given is cut by the umask.
  } finally {
    closeSync(fd);
  }
  return digest.finish();
}
