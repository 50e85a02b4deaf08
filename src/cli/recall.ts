import { canShowColours } from "../base/ansi.ts";
import type { Surroundings } from "../base/host.ts";
import { lastSummaryName } from "../cache/layout.ts";
import {
  decodeRemembered,
  likelyCaches,
  type RememberedRun,
  rememberedBytesMax,
  rememberedPath,
  runKey,
} from "../cache/remembered.ts";
import { type NativeLibrary, nativeLibrary, placeLibraryFor } from "../native/library.ts";

/**
 * Shows a run again whose every result is in place, without working it out, and returns its exit code.
 * Undefined where none is remembered that is the same, or anything that it rested on has changed. Imports
 * next to nothing: all that is loaded here costs every `vt run`.
 */
export async function recall(surroundings: Surroundings): Promise<number | undefined> {
  const beganAtMs = surroundings.now();
  placeLibraryFor(surroundings.environment);
  const library = nativeLibrary();
  // Whoever watches this vt must see it look for its tasks.
  if (typeof library === "string" || library.calls.vt_traced() === 1) return undefined;
  const found = find(surroundings, library);
  if (found === undefined) return undefined;
  const { run, cacheDirectory } = found;
  if (beganAtMs > run.validUntilMs || !isStillSo(run, library)) return undefined;
  const durationMs = surroundings.now() - beganAtMs;
  const summary = run.summaryAround.join(String(durationMs));
  const path = `${cacheDirectory}/${lastSummaryName}`;
  if (!didReplace(library, path, summary, surroundings.pid)) return undefined;
  await show(run, library);
  return 0;
}

type Found = { readonly run: RememberedRun; readonly cacheDirectory: string };

function find(surroundings: Surroundings, { calls }: NativeLibrary): Found | undefined {
  const { args, environment, executable, user } = surroundings;
  const cwd = readCwd(surroundings.cwd);
  if (cwd === undefined) return undefined;
  const hasColours = (fd: number): boolean =>
    canShowColours(environment, () => calls.vt_is_terminal(fd) === 1);
  const key = runKey({
    ...{ args, cwd, executable, environment, user },
    hasColours: [hasColours(1), hasColours(2)],
  });
  for (const cacheDirectory of likelyCaches(cwd, environment)) {
    const bytes = readFile(calls, rememberedPath(cacheDirectory, key));
    const run = bytes && decodeRemembered(key, bytes);
    if (run !== undefined) return { run, cacheDirectory };
  }
  return undefined;
}

/** Undefined where there is none that can be told; whoever works the run out says so. */
function readCwd(read: Surroundings["cwd"]): string | undefined {
  try {
    const cwd = read();
    return cwd.includes("\ufffd") ? undefined : cwd;
  } catch {
    return undefined;
  }
}

const outOfMemory = -12n; // ENOMEM: it does not fit.

function readFile(calls: NativeLibrary["calls"], path: string): Buffer | undefined {
  const name = Buffer.from(`${path}\0`);
  const length = new BigInt64Array(1);
  for (const room of [512 * 1024, rememberedBytesMax]) {
    const bytes = Buffer.allocUnsafe(room);
    calls.vt_read_batch(name, 1, length, bytes, bytes.length);
    const [result = -1n] = length;
    if (result >= 0n) return bytes.subarray(0, Number(result));
    if (result !== outOfMemory) return undefined;
  }
  return undefined;
}

function isStillSo({ root, expectations }: RememberedRun, { calls }: NativeLibrary): boolean {
  const { paths, stamps, exactCount, count } = expectations;
  return calls.vt_verify(Buffer.from(`${root}\0`), paths, stamps, exactCount, count) === 1;
}

/** False where it cannot be written: there is more to be said about that than can be here. */
function didReplace(library: NativeLibrary, path: string, text: string, writer: number): boolean {
  const [to, aside] = [Buffer.from(`${path}\0`), Buffer.from(`${path}.${writer}.tmp\0`)];
  const bytes = Buffer.from(text);
  return library.calls.vt_replace_file(to, aside, bytes, bytes.length) === 0;
}

async function show({ text }: RememberedRun, { calls }: NativeLibrary): Promise<void> {
  for (const [index, { stream, bytes }] of text.entries()) {
    const written = Number(calls.vt_write(stream === "stdout" ? 1 : 2, bytes, bytes.length));
    if (written === bytes.length) continue;
    // Whatever keeps it from being written, this knows what to do then.
    const { openTerminal } = await import("../report/terminal.ts");
    const terminal = openTerminal({ stdout: () => false, stderr: () => false });
    terminal.write(stream, bytes.subarray(written));
    for (const rest of text.slice(index + 1)) terminal.write(rest.stream, rest.bytes);
    terminal.flush();
    return;
  }
}
