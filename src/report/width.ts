/** As much of a text as fits, with a mark where something is missing. */
export function cut(text: string, width: number): string {
  if (Bun.stringWidth(text) <= width) return text;
  let fitting = "";
  let used = 1;
  for (const character of text) {
    used += Bun.stringWidth(character);
    if (used > width) break;
    fitting += character;
  }
  return width < 1 ? "" : `${fitting}…`;
}
