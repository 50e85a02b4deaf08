/**
 * How well `text` answers what was typed: its characters have to come in that order, whatever stands
 * between them, in upper or lower case. Undefined when they do not. Higher is better: characters side by
 * side, at the beginning of a word, and early count more; of equals the shorter text wins.
 */
export function fuzzyScore(typed: string, text: string): number | undefined {
  const wanted = [...typed.toLowerCase()].filter((character) => character !== " ");
  if (wanted.length === 0) return 0;
  const characters = [...text.toLowerCase()];
  let best: number | undefined;
  for (let start = 0; start < characters.length; start += 1) {
    if (characters[start] !== wanted[0]) continue;
    const score = scoreFrom(start, wanted, characters);
    if (score === undefined) break; // What is missing from here is missing later, too.
    if (best === undefined || score > best) best = score;
  }
  return best === undefined ? undefined : best - characters.length / 100;
}

/** Takes each character where it comes first. */
function scoreFrom(
  start: number,
  wanted: readonly string[],
  characters: readonly string[],
): number | undefined {
  let score = -start / 10;
  let position = start - 1;
  for (const character of wanted) {
    const next = characters.indexOf(character, position + 1);
    if (next === -1) return undefined;
    score += 1;
    if (next === position + 1 && position >= start) score += 3;
    if (isWordStart(characters, next)) score += 2;
    position = next;
  }
  return score;
}

function isWordStart(characters: readonly string[], index: number): boolean {
  return index === 0 || /[^\p{L}\p{N}]/u.test(characters[index - 1] ?? "");
}
