/*
 * Reads JSON slowly but tells where things stand. `document.ts` uses the engine's own parser where
 * it can; this one explains what that refused, reads comments, and finds repeated keys.
 */

/** What a JSON or YAML document holds. */
export type Data = null | boolean | number | string | readonly Data[] | DataObject;
export type DataObject = { readonly [key: string]: Data };

/** `jsonc`: comments and trailing commas are read, a repeated key is refused. */
export type JsonDialect = "json" | "jsonc";

/** Where the members of each object and list stand, by container, in UTF-16 code units. */
export type JsonOffsets = Map<object, Map<string | number, { key: number; value: number }>>;

export class JsonSyntaxError extends Error {
  /** In UTF-16 code units from the start of the text. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = "JsonSyntaxError";
    this.offset = offset;
  }
}

/** More levels than this are refused. */
export const depthMax = 200;

type Cursor = {
  readonly text: string;
  readonly dialect: JsonDialect;
  readonly offsets: JsonOffsets | undefined;
  index: number;
  depth: number;
};

/**
 * The data of a whole document. Positions are written to `offsets` when it is given. Throws a
 * JsonSyntaxError, also for nesting over 200 levels.
 */
export function readJson(text: string, dialect: JsonDialect, offsets?: JsonOffsets): Data {
  const cursor: Cursor = { text, dialect, offsets, index: 0, depth: 0 };
  skipBlanks(cursor);
  const data = readValue(cursor);
  skipBlanks(cursor);
  if (cursor.index < text.length) throw unexpected(cursor, "the end of the file");
  return data;
}

function readValue(cursor: Cursor): Data {
  const start = cursor.text[cursor.index];
  if (start === "{") return nested(cursor, readObject);
  if (start === "[") return nested(cursor, readList);
  if (start === '"') return readString(cursor);
  return readScalar(cursor);
}

function nested(cursor: Cursor, read: (cursor: Cursor) => Data): Data {
  if (cursor.depth === depthMax) {
    throw new JsonSyntaxError(`nested more than ${depthMax} levels deep`, cursor.index);
  }
  cursor.depth += 1;
  const data = read(cursor);
  cursor.depth -= 1;
  return data;
}

function readObject(cursor: Cursor): DataObject {
  const object: Record<string, Data> = {};
  const positions = recordPositions(cursor, object);
  cursor.index += 1;
  while (!isClosed(cursor, "}")) {
    const key = cursor.index;
    if (cursor.text[key] !== '"') throw unexpected(cursor, 'a key in `"` or `}`');
    const name = readString(cursor);
    if (cursor.dialect === "jsonc" && Object.hasOwn(object, name)) {
      throw new JsonSyntaxError(`the key ${JSON.stringify(name)} is there twice`, key);
    }
    skipBlanks(cursor);
    if (cursor.text[cursor.index] !== ":") throw unexpected(cursor, "`:`");
    cursor.index += 1;
    skipBlanks(cursor);
    positions?.set(name, { key, value: cursor.index });
    define(object, name, readValue(cursor));
    readSeparator(cursor, "}");
  }
  return object;
}

function readList(cursor: Cursor): readonly Data[] {
  const list: Data[] = [];
  const positions = recordPositions(cursor, list);
  cursor.index += 1;
  while (!isClosed(cursor, "]")) {
    positions?.set(list.length, { key: cursor.index, value: cursor.index });
    list.push(readValue(cursor));
    readSeparator(cursor, "]");
  }
  return list;
}

function recordPositions(cursor: Cursor, container: object) {
  if (cursor.offsets === undefined) return undefined;
  const positions = new Map<string | number, { key: number; value: number }>();
  cursor.offsets.set(container, positions);
  return positions;
}

/** `__proto__` is a key like any other, but assigning it would not make it one. */
function define(object: Record<string, Data>, name: string, value: Data): void {
  if (name !== "__proto__") object[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true });
}

function isClosed(cursor: Cursor, close: "}" | "]"): boolean {
  skipBlanks(cursor);
  if (cursor.text[cursor.index] !== close) return false;
  cursor.index += 1;
  return true;
}

/** Stops before `close`, which `isClosed` takes. */
function readSeparator(cursor: Cursor, close: "}" | "]"): void {
  skipBlanks(cursor);
  if (cursor.text[cursor.index] === close) return;
  if (cursor.text[cursor.index] !== ",") throw unexpected(cursor, `\`,\` or \`${close}\``);
  const comma = cursor.index;
  cursor.index += 1;
  skipBlanks(cursor);
  if (cursor.dialect === "json" && cursor.text[cursor.index] === close) {
    throw new JsonSyntaxError("a comma with nothing after it", comma);
  }
}

function readString(cursor: Cursor): string {
  const { text, index: start } = cursor;
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  cursor.index = end === -1 ? text.length : end + 1;
  const value = parseQuoted(text.slice(start, cursor.index));
  if (value === undefined) throw explainString(text, start);
  return value;
}

function parseQuoted(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}

function isEscaped(text: string, index: number): boolean {
  let backslashes = 0;
  while (text[index - 1 - backslashes] === "\\") backslashes += 1;
  return backslashes % 2 === 1;
}

const escapePattern = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** What is wrong with the string that starts at `start`. */
function explainString(text: string, start: number): JsonSyntaxError {
  for (let index = start + 1; index < text.length; index++) {
    const character = text[index] ?? "";
    if (character === "\n" || character === "\r") break;
    if (character < " ") {
      return new JsonSyntaxError("a control character in a string must be escaped", index);
    }
    if (character !== "\\") continue;
    escapePattern.lastIndex = index;
    if (!escapePattern.test(text)) {
      const found = nameCharacter(text, index + 1);
      return new JsonSyntaxError(`a backslash before ${found} is no escape`, index);
    }
    index = escapePattern.lastIndex - 1;
  }
  return new JsonSyntaxError('a string that starts here has no closing `"`', start);
}

const scalarPattern = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

function readScalar(cursor: Cursor): Data {
  scalarPattern.lastIndex = cursor.index;
  const word = scalarPattern.exec(cursor.text)?.[0];
  if (word === undefined) throw unexpected(cursor, "a value");
  cursor.index += word.length;
  return JSON.parse(word) as Data;
}

function skipBlanks(cursor: Cursor): void {
  const { text, dialect } = cursor;
  for (;;) {
    while (isBlank(text[cursor.index])) cursor.index += 1;
    const end = dialect === "jsonc" ? commentEnd(text, cursor.index) : undefined;
    if (end === undefined) return;
    cursor.index = end;
  }
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\n" || character === "\r" || character === "\t";
}

/** Where the comment that starts at `start` ends; undefined when none starts there. */
function commentEnd(text: string, start: number): number | undefined {
  if (text.startsWith("//", start)) {
    const end = text.indexOf("\n", start);
    return end === -1 ? text.length : end;
  }
  if (!text.startsWith("/*", start)) return undefined;
  const end = text.indexOf("*/", start + 2);
  if (end === -1) throw new JsonSyntaxError("a comment that starts here has no end", start);
  return end + 2;
}

function unexpected(cursor: Cursor, expected: string): JsonSyntaxError {
  const { text, index } = cursor;
  return new JsonSyntaxError(`expected ${expected}, found ${nameCharacter(text, index)}`, index);
}

function nameCharacter(text: string, index: number): string {
  const code = text.codePointAt(index);
  if (code === undefined) return "the end of the file";
  if (code < 0x20 || code === 0x7f) return `the control character ${code}`;
  return `\`${String.fromCodePoint(code)}\``;
}
