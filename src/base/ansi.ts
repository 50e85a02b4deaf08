import type { Environment } from "./host.ts";

/**
 * Whether text may carry colours. `NO_COLOR` decides first, then `FORCE_COLOR`, then whether a
 * terminal that knows colours will show it. Variables set to "" count as unset.
 */
export function canShowColours(environment: Environment, isTerminal: () => boolean): boolean {
  if (isSet(environment["NO_COLOR"])) return false;
  const forced = environment["FORCE_COLOR"];
  if (isSet(forced)) return forced !== "0" && forced !== "false";
  return environment["TERM"] !== "dumb" && isTerminal();
}

/**
 * Whether somebody sits at the terminal who can be asked, and shown what changes. Not in CI, whatever its
 * terminals look like, nor where the terminal can only add lines.
 */
export function isInteractive(environment: Environment, isTerminal: () => boolean): boolean {
  const { CI, TERM } = environment;
  if (isSet(CI) && CI !== "0" && CI !== "false") return false;
  return isSet(TERM) && TERM !== "dumb" && isTerminal();
}

type Style = (text: string) => string;

/** The styles vt's own text uses. Each returns its text with the style around it. */
export type Palette = {
  readonly blue: Style;
  readonly green: Style;
  readonly red: Style;
  readonly yellow: Style;
  readonly black: Style;
  readonly brightBlack: Style;
  readonly bold: Style;
};

export const coloured: Palette = {
  blue: style(34, 39),
  green: style(32, 39),
  red: style(31, 39),
  yellow: style(33, 39),
  black: style(30, 39),
  brightBlack: style(90, 39),
  bold: style(1, 22),
};

const unstyled: Style = (text) => text;

export const plain: Palette = {
  blue: unstyled,
  green: unstyled,
  red: unstyled,
  yellow: unstyled,
  black: unstyled,
  brightBlack: unstyled,
  bold: unstyled,
};

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

function style(start: number, end: number): Style {
  return (text) => `\x1b[${start}m${text}\x1b[${end}m`;
}
