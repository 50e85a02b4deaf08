/** One tool in a workspace of its own, which holds nothing but what is here and `"cache": true`. */
export type Tool = {
  readonly name: string;
  /** The script `build`. */
  readonly command: string;
  readonly files: Files;
  /** The topmost paths that the first run makes, sorted. */
  readonly makes: readonly string[];
  /** A change that matters. */
  readonly edit: Edit;
  /** What only the first result has, in its text or in an output; `from` where it is not given. */
  readonly before?: string;
  /** What only the result after the edit has; `to` where it is not given. */
  readonly after?: string;
  /** A program of the machine, without which the tool is left out. */
  readonly needs?: string;
  /** What the tool finds at home: links to what is there. */
  readonly home?: readonly string[];
  /** How the tool ends after the edit, where that is not 0. */
  readonly exitCode?: number;
};

export type Edit = {
  readonly path: string;
  readonly from: string;
  readonly to: string;
};

/** Contents by path; what is no text is written as JSON. */
export type Files = Readonly<Record<string, string | object>>;
