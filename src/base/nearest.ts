import { comparePaths } from "./path.ts";

const candidateLengthMax = 200;
const suggestionsMax = 3;

/** "did you mean `a` or `b`?", undefined when there is nothing to suggest. */
export function suggest(name: string, candidates: Iterable<string>): string | undefined {
  const names = nearestNames(name, candidates).map((candidate) => `\`${candidate}\``);
  const last = names.pop();
  if (last === undefined) return undefined;
  return `did you mean ${names.length === 0 ? last : `${names.join(", ")} or ${last}`}?`;
}

/**
 * The names a person may have meant by `name`, best first, at most three: those within a third of
 * its length in edits (one at least, but not all of it), and those that hold it whole after a `/`, `:` or `#`.
 */
function nearestNames(name: string, candidates: Iterable<string>): readonly string[] {
  const allowed = Math.max(1, Math.floor(name.length / 3));
  const found: { name: string; distance: number }[] = [];
  if (name === "" || name.length > candidateLengthMax) return [];
  for (const candidate of new Set(candidates)) {
    if (candidate.length > candidateLengthMax || candidate === name || candidate === "") continue;
    const distance = isTail(name, candidate)
      ? 0
      : editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= allowed && distance < name.length) found.push({ name: candidate, distance });
  }
  found.sort((a, b) => a.distance - b.distance || comparePaths(a.name, b.name));
  return found.slice(0, suggestionsMax).map((entry) => entry.name);
}

function isTail(name: string, candidate: string): boolean {
  return ["/", ":", "#"].some((mark) => candidate.endsWith(`${mark}${name}`));
}

/** Levenshtein's, with a swap of neighbours counted once. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      current[j] = Math.min(
        at(previous, j) + 1,
        at(current, j - 1) + 1,
        at(previous, j - 1) + (isSame ? 0 : 1),
        isSwap ? at(beforePrevious, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
