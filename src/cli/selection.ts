import { fuzzyScore } from "../base/fuzzy.ts";

/** A task to choose from. */
export type Choice = {
  /** What to type for it. */
  readonly name: string;
  /** Its name alone. */
  readonly task: string;
  readonly command: string;
  /** The package it stands under; undefined for the one around the current directory. */
  readonly group: string | undefined;
};

/** What a person has typed so far, and what answers to it. */
export type Selection = {
  readonly choices: readonly Choice[];
  readonly query: string;
  /** Those that answer, group by group, the best first. */
  readonly matches: readonly Choice[];
  /** Which of `matches` is marked. */
  readonly marked: number;
};

export type SelectionEnd =
  | { readonly kind: "chosen"; readonly choice: Choice }
  | { readonly kind: "aborted" };

/** All choices, or those that answer to `query` if there are any. */
export function beginSelection(choices: readonly Choice[], query: string): Selection {
  const narrowed = search(choices, query);
  return narrowed.matches.length > 0 ? narrowed : search(choices, "");
}

/** What a key does. Keys that mean nothing here change nothing. */
export function pressKey(selection: Selection, key: string): Selection | SelectionEnd {
  const { choices, query, matches, marked } = selection;
  switch (key) {
    case "\r":
    case "\n": {
      const choice = matches[marked];
      return choice === undefined ? selection : { kind: "chosen", choice };
    }
    case "\x03":
    case "\x04":
      return { kind: "aborted" };
    case "\x1b":
      return search(choices, "");
    case "\x7f":
    case "\b":
      return search(choices, [...query].slice(0, -1).join(""));
    case "\x1b[A":
    case "\x1bOA":
    case "\x10":
      return mark(selection, marked - 1);
    case "\x1b[B":
    case "\x1bOB":
    case "\x0e":
      return mark(selection, marked + 1);
    case "\x1b[H":
      return mark(selection, 0);
    case "\x1b[F":
      return mark(selection, matches.length - 1);
    case "\x15":
      return search(choices, "");
    default:
      return isText(key) ? search(choices, query + key) : selection;
  }
}

/** Keys as they arrive from a terminal, several at once when they were typed fast. */
export function splitKeys(text: string): readonly string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what keys send
  return text.match(/\x1b\[[0-?]*[ -/]*[@-~]|\x1bO.|\x1b|./gsu) ?? [];
}

function isText(key: string): boolean {
  return !/\p{Cc}/u.test(key);
}

/** Past the end it begins anew. */
function mark(selection: Selection, marked: number): Selection {
  const { length } = selection.matches;
  return length === 0 ? selection : { ...selection, marked: (marked + length) % length };
}

function search(choices: readonly Choice[], query: string): Selection {
  if (query.trim() === "") return { choices, query, matches: choices, marked: 0 };
  const scored = choices.flatMap((choice) => {
    const score = fuzzyScore(query, choice.name);
    return score === undefined ? [] : [{ choice, score }];
  });
  scored.sort((a, b) => b.score - a.score);
  const groups = new Map<string | undefined, Choice[]>();
  for (const { choice } of scored)
    groups.set(choice.group, [...(groups.get(choice.group) ?? []), choice]);
  return { choices, query, matches: [...groups.values()].flat(), marked: 0 };
}
