import type { Pack } from "tar-stream";
import { type Digest, DigestStream } from "../base/digest.ts";
import { isMissing, removeIfPresent } from "../base/file.ts";
import { type AbsolutePath, diskPath } from "../base/path.ts";
import { isSameStamp, type Stamp } from "../native/stamp.ts";
import { entryHeader, temporaryPath } from "./format.ts";
import type { ArchiveReference } from "./manifest.ts";
import { type OpenFile, openFile, pieceBytes, piecesOf } from "./read-file.ts";
import { isSystemError, systemWords } from "./system-error.ts";

/** A file to put away, and what stood there when the outputs were looked at. */
export type PackFile = { readonly row: number; readonly path: AbsolutePath; readonly stamp: Stamp };

/** An archive under a temporary name. Disposing removes that name, if it is still there. */
export type PackedFiles = {
  readonly kind: "packed";
  readonly path: AbsolutePath;
  readonly reference: ArchiveReference;
  /** Of each file's content, in the order of the files. */
  readonly digests: readonly Digest[];
  [Symbol.dispose](): void;
};

export type PackFailure =
  /** The file is not what its stamp says, or no longer. */
  | { readonly kind: "changed"; readonly row: number }
  | { readonly kind: "unreadable"; readonly row: number; readonly detail: string }
  /** The archive could not be written. */
  | { readonly kind: "trouble"; readonly detail: string };

/**
 * Writes the contents of `files` into a new archive in `directory` and syncs it. Memory is bounded,
 * whatever the sizes. After a failure nothing is left behind.
 */
export async function packFiles(
  directory: AbsolutePath,
  files: readonly PackFile[],
): Promise<PackedFiles | PackFailure> {
  const { pack: newPack } = await import("tar-stream");
  const path = temporaryPath(directory);
  const pack = newPack();
  pack.on("error", ignore);
  const stopOther = (error: unknown): never => {
    pack.destroy();
    throw error;
  };
  const [added, written] = await Promise.allSettled([
    addFiles(pack, files).catch(stopOther),
    writeArchive(pack, path).catch(stopOther),
  ]);
  if (added.status === "fulfilled" && written.status === "fulfilled") {
    return {
      kind: "packed",
      path,
      reference: written.value,
      digests: added.value,
      [Symbol.dispose]: () => removeIfPresent(path),
    };
  }
  removeIfPresent(path);
  return firstFailure([added, written]);
}

/** Thrown where the files are read, so that it is never taken for trouble with the archive. */
class FileRefused extends Error {
  readonly failure: PackFailure;

  constructor(failure: PackFailure, options?: ErrorOptions) {
    super(`file refused: ${failure.kind}`, options);
    this.failure = failure;
  }
}

async function addFiles(pack: Pack, files: readonly PackFile[]): Promise<Digest[]> {
  const digests: Digest[] = [];
  for (const file of files) digests.push(await addFile(pack, file));
  pack.finalize();
  return digests;
}

async function addFile(pack: Pack, { row, path, stamp }: PackFile): Promise<Digest> {
  try {
    using file = openFile(path);
    if (!isSameStamp(file.stamp, stamp)) throw new FileRefused({ kind: "changed", row });
    return await addContent(pack, row, file);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const isGone = isMissing(error) || error.code === "ELOOP";
    throw new FileRefused(
      isGone ? { kind: "changed", row } : { kind: "unreadable", row, detail: systemWords(error) },
      { cause: error },
    );
  }
}

async function addContent(pack: Pack, row: number, file: OpenFile): Promise<Digest> {
  const { promise: packed, resolve, reject } = Promise.withResolvers<void>();
  packed.catch(ignore);
  const entry = pack.entry(entryHeader(row, file.size), (error) =>
    error ? reject(error) : resolve(),
  );
  entry.on("error", ignore);
  const digest = new DigestStream();
  let size = 0;
  for await (const piece of piecesOf(file)) {
    digest.update(piece);
    size += piece.length;
    if (!entry.write(piece)) await Promise.race([drained(entry), packed]);
  }
  if (size !== file.size) throw new FileRefused({ kind: "changed", row });
  entry.end(null);
  await packed;
  return digest.finish();
}

function drained(stream: ReturnType<Pack["entry"]>): Promise<void> {
  return new Promise((resolve) => {
    stream.once("drain", resolve);
  });
}

/** Why a stream was destroyed is known from the promise of whoever did it. */
function ignore(): undefined {
  return undefined;
}

/** Compresses the tar stream into a new file. Throws system errors. */
async function writeArchive(pack: Pack, path: AbsolutePath): Promise<ArchiveReference> {
  const [{ constants, createZstdCompress }, { pipeline }, { open }] = await Promise.all([
    import("node:zlib"),
    import("node:stream/promises"),
    import("node:fs/promises"),
  ]);
  const compressor = createZstdCompress({
    chunkSize: pieceBytes,
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
  });
  const digest = new DigestStream();
  let size = 0;
  await using file = await open(diskPath(path), "wx", 0o600);
  await pipeline(
    gathered(pack as AsyncIterable<unknown> as AsyncIterable<Buffer>),
    compressor,
    async (compressed: AsyncIterable<Buffer>) => {
      for await (const piece of compressed) {
        digest.update(piece);
        size += piece.length;
        await file.writeFile(piece);
      }
    },
  );
  await file.sync();
  return { digest: digest.finish(), size };
}

/**
 * The same bytes in pieces of one size: a tar stream of small files comes in crumbs, and each would
 * cost the compressor a trip to another thread.
 */
async function* gathered(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let piece = Buffer.allocUnsafe(pieceBytes);
  let length = 0;
  for await (const chunk of source) {
    for (let start = 0; start < chunk.length; ) {
      const count = chunk.copy(piece, length, start);
      start += count;
      length += count;
      if (length < pieceBytes) continue;
      yield piece;
      piece = Buffer.allocUnsafe(pieceBytes);
      length = 0;
    }
  }
  if (length > 0) yield piece.subarray(0, length);
}

/** When one end of the stream fails the other is torn down with an error that explains nothing. */
function firstFailure(results: readonly PromiseSettledResult<unknown>[]): PackFailure {
  const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  for (const error of errors) {
    if (error instanceof FileRefused) return error.failure;
    if (isSystemError(error)) return { kind: "trouble", detail: systemWords(error) };
  }
  throw errors[0];
}
