import type { ManifestEntry } from "../archive/manifest.ts";
import { type ByteReader, type ByteWriter, DamagedBytes } from "../base/bytes.ts";
import { asDigest } from "../base/digest.ts";
import type { ListedKind } from "../base/directory.ts";
import { workspacePath } from "../base/path.ts";
import type { Condition, PathState, Tolerance } from "../fingerprint/condition.ts";
import { asStamp, type Stamp, stampBytes } from "../native/stamp.ts";

/* How the parts of the cache's records are written. `docs/formats.md` describes the layout. */

const tolerances: readonly Tolerance[] = ["exact", "may-be-missing", "own-work"];
const stateKinds = [
  "missing",
  "file",
  "directory",
  "listing",
  "link",
  "other",
  "beyond",
  "git",
  "tagged",
] as const;
const listedKinds: readonly ListedKind[] = ["file", "directory", "link", "other"];
const manifestKinds = ["file", "directory", "link"] as const;

export function writeCondition(
  out: ByteWriter,
  { path, state, tolerance, stamp }: Condition,
): void {
  out.text(path).number(tolerances.indexOf(tolerance)).bytes(stamp);
  out.number(stateKinds.indexOf(state.kind));
  if (state.kind === "file") out.hash(state.hash).number(state.isExecutable ? 1 : 0);
  if (state.kind === "link") out.text(state.target);
  if (state.kind === "git") out.text(state.value);
  if (state.kind === "beyond") out.hash(state.hash);
  if (state.kind === "listing")
    out.list([...state.entries], ([name, kind]) =>
      out.text(name).number(listedKinds.indexOf(kind)),
    );
}

export function readCondition(input: ByteReader): Condition {
  const path = workspacePath(input.text());
  const tolerance = input.choice(tolerances);
  const stamp = readStamp(input);
  return { path, tolerance, stamp, state: readState(input) };
}

/** By which conditions are told apart that were not decoded; `native/conditions.c` says the same. */
export function sortOf(kind: PathState["kind"], tolerance: Tolerance): number {
  return stateKinds.indexOf(kind) + 16 * tolerances.indexOf(tolerance);
}

function readState(input: ByteReader): PathState {
  const kind = input.choice(stateKinds);
  switch (kind) {
    case "file":
      return { kind, hash: input.hash(), isExecutable: input.number() === 1 };
    case "link":
      return { kind, target: input.text() };
    case "git":
      return { kind, value: input.text() };
    case "beyond":
      return { kind, hash: input.hash() };
    case "listing":
      return {
        kind,
        entries: new Map(input.list(() => [input.text(), input.choice(listedKinds)] as const)),
      };
    default:
      return { kind };
  }
}

export function writeRow(out: ByteWriter, row: ManifestEntry): void {
  out.number(manifestKinds.indexOf(row.kind)).text(row.path);
  if (row.kind === "link") out.text(row.target);
  else out.number(row.mode);
  if (row.kind === "file") out.number(row.size).text(row.digest);
}

export function readRow(input: ByteReader): ManifestEntry {
  const kind = input.choice(manifestKinds);
  const path = workspacePath(input.text());
  if (kind === "link") return { kind, path, target: input.text() };
  const mode = input.number();
  if (kind === "directory") return { kind, path, mode };
  return { kind, path, mode, size: input.number(), digest: asDigest(input.text()) };
}

export function readStamp(input: ByteReader): Stamp {
  const bytes = input.bytes();
  if (bytes.length !== stampBytes) throw new DamagedBytes("not a stamp");
  return asStamp(bytes);
}
