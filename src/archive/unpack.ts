import { isMissing } from "../base/file.ts";
import type { AbsolutePath } from "../base/path.ts";
import { fileRows, tarBytes, windowLogMax } from "./format.ts";
import { decodeOwnFrame } from "./frame.ts";
import type { ArchiveReference, Manifest } from "./manifest.ts";
import {
  digestOpenFile,
  type OpenFile,
  openFile,
  pieceBytes,
  piecesOf,
  readWhole,
} from "./read-file.ts";
import { isSystemError, systemWords } from "./system-error.ts";
import { DamagedArchive, type FileSink, TarReader } from "./tar-reader.ts";

export type UnpackRequest = {
  readonly archiveFile: AbsolutePath;
  readonly archive: ArchiveReference;
  readonly manifest: Manifest;
  /** Gets the needed files, each with the content that its row says. */
  readonly sink: FileSink;
};

export type UnpackOutcome =
  | { readonly kind: "unpacked" }
  /** The archive is not the one that belongs to the manifest. */
  | { readonly kind: "damaged"; readonly detail: string }
  /** The operating system refused something. */
  | { readonly kind: "failed"; readonly detail: string };

/**
 * Gives the needed files to the sink: never more than the manifest says, and all as its digests say. The
 * archive's own digest is not asked for, since what matters is what comes out of it; it tells in which way
 * a bad one is bad. After anything but "unpacked", what the sink was given is of no use.
 */
export async function unpackFiles(request: UnpackRequest): Promise<UnpackOutcome> {
  const { archiveFile, archive } = request;
  try {
    using file = openArchive(archiveFile);
    if (file.size !== archive.size) throw new DamagedArchive(`it has ${file.size} bytes`);
    await decode(file, request).catch(async (error) => {
      // What is in another archive is not worth a word.
      if (error instanceof DamagedArchive && (await digestOpenFile(file)) !== archive.digest)
        throw new DamagedArchive("wrong digest", { cause: error });
      throw error;
    });
    return { kind: "unpacked" };
  } catch (error) {
    if (isSystemError(error)) return { kind: "failed", detail: systemWords(error) };
    if (error instanceof DamagedArchive) return { kind: "damaged", detail: error.message };
    throw error;
  }
}

function openArchive(path: AbsolutePath): OpenFile {
  try {
    return openFile(path);
  } catch (error) {
    if (isMissing(error)) throw new DamagedArchive("its archive is missing", { cause: error });
    throw error;
  }
}

async function decode(file: OpenFile, { manifest, sink }: UnpackRequest): Promise<void> {
  const files = fileRows(manifest);
  const reader = new TarReader(files, sink);
  try {
    const size = tarBytes(files.map(({ entry }) => entry.size));
    const isSmall = file.size <= pieceBytes && size <= pieceBytes;
    const used = isSmall
      ? await decodeAtOnce(file, reader, size)
      : await decodeInPieces(file, reader, sink);
    reader.finish();
    // The decoder takes no notice of bytes behind its last frame.
    if (used !== file.size) throw new DamagedArchive("more than one frame");
  } catch (error) {
    if (isSystemError(error) || error instanceof DamagedArchive) throw error;
    throw new DamagedArchive(error instanceof Error ? error.message : "undecodable", {
      cause: error,
    });
  } finally {
    await sink.written().catch(() => undefined); // What went wrong first has been thrown.
  }
}

/** As documented for `info: true`, which the types do not know. */
type WithEngine = { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };

/** Returns how many bytes the decoder has used. `size`: of what should come out of it. */
async function decodeAtOnce(file: OpenFile, reader: TarReader, size: number): Promise<number> {
  const bytes = readWhole(file);
  const content = decodeOwnFrame(bytes, size);
  if (content !== undefined) {
    reader.push(content);
    return bytes.length;
  }
  const { constants, zstdDecompressSync } = await import("node:zlib");
  const options = {
    params: { [constants.ZSTD_d_windowLogMax]: windowLogMax },
    maxOutputLength: pieceBytes,
    info: true,
  };
  const decoded: unknown = zstdDecompressSync(bytes, options);
  const { buffer, engine } = decoded as WithEngine;
  reader.push(buffer);
  return engine.bytesWritten;
}

/** The same for any size: one thread decodes and others write while this one digests. */
async function decodeInPieces(file: OpenFile, reader: TarReader, sink: FileSink): Promise<number> {
  const [{ constants, createZstdDecompress }, { pipeline }] = await Promise.all([
    import("node:zlib"),
    import("node:stream/promises"),
  ]);
  const decompressor = createZstdDecompress({
    chunkSize: pieceBytes,
    params: { [constants.ZSTD_d_windowLogMax]: windowLogMax },
  });
  await pipeline(piecesOf(file), decompressor, async (decoded: AsyncIterable<Buffer>) => {
    let isWritten = sink.written();
    for await (const piece of decoded) {
      reader.push(piece);
      // The one before may be written while this one was digested, but none that came before it.
      await isWritten;
      isWritten = sink.written();
    }
    await isWritten;
  });
  return decompressor.bytesWritten;
}
