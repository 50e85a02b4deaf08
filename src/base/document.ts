import type { ErrorCode } from "./error.ts";
import { UserError } from "./error.ts";
import { errnoOf, readIfPresent } from "./file.ts";
import type { Data, JsonDialect, JsonOffsets } from "./json-reader.ts";
import { depthMax, JsonSyntaxError, readJson } from "./json-reader.ts";
import type { AbsolutePath } from "./path.ts";
import { printable } from "./path.ts";

/** A file a person wrote, not parsed yet. `code` is what its errors are filed under. */
export type DocumentSource = {
  readonly path: AbsolutePath;
  readonly bytes: Uint8Array;
  readonly code: ErrorCode;
};

/** A parsed file that can still say where each of its fields stands. */
export type Document = {
  readonly path: AbsolutePath;
  readonly code: ErrorCode;
  readonly text: string;
  readonly dialect: JsonDialect;
  readonly data: Data;
};

/** The way to a value: keys of objects and positions in lists. */
export type FieldPath = readonly (string | number)[];

/** What is wrong with a field. */
export type Problem = {
  readonly field: FieldPath;
  /** Which half of `"key": value` to point at. */
  readonly part: "key" | "value";
  readonly message: string;
  readonly hint?: string | undefined;
};

const documentBytesMax = 8 * 1024 * 1024;

/** Files that have just been read; undefined where there is none. */
export type FilesRead = ReadonlyMap<AbsolutePath, Uint8Array | undefined>;

/**
 * Undefined when there is no such file. Throws a UserError when there is one that cannot be read. What is
 * in `files` is not read again.
 */
export function readSource(
  path: AbsolutePath,
  code: ErrorCode,
  files?: FilesRead,
): DocumentSource | undefined {
  try {
    const bytes = files?.has(path) === true ? files.get(path) : readIfPresent(path);
    return bytes && { path, bytes, code };
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno === undefined) throw cause;
    throw new UserError(`${printable(path)} cannot be read (${errno})`, { code, cause });
  }
}

/** Plain JSON, with or without a byte order mark; of a repeated key the last one counts, as for npm. */
export function parseJson(source: DocumentSource): Document {
  const text = decode(source);
  return { ...identity(source), text, dialect: "json", data: parseQuickly(source, text) };
}

/** JSON in which comments and trailing commas are fine and a repeated key is not. */
export function parseJsonc(source: DocumentSource): Document {
  const text = decode(source);
  const data = parseUnambiguous(text) ?? explain(source, text, "jsonc");
  return { ...identity(source), text, dialect: "jsonc", data };
}

/**
 * One YAML document, `null` for an empty file. `check` looks at the data, so that what it finds can
 * be given a place; `<<` is not merged. Repeated keys, alias bombs and several documents are refused
 * where they could change what is read.
 */
export async function parseYaml(
  source: DocumentSource,
  check: (data: Data) => Problem | undefined,
): Promise<Data> {
  const text = decode(source);
  const data = parseYamlQuickly(text);
  if (data !== undefined && check(data) === undefined) return data;
  return await explainYaml(source, text, check);
}

/** The error to throw for a problem: `file:line:column: \`field\` message`. */
export function fieldError(document: Document, problem: Problem): UserError {
  return new UserError(
    `${locate(document, problem.field, problem.part)}: ${fieldMessage(problem)}`,
    { code: document.code, hint: problem.hint },
  );
}

/** `file:line:column` of a field, or of the nearest thing around it that is there. */
export function locate(document: Document, field: FieldPath, part: "key" | "value"): string {
  const offsets: JsonOffsets = new Map();
  const file = printable(document.path);
  let value: Data;
  try {
    value = readJson(document.text, document.dialect, offsets);
  } catch {
    // Too deep for this reader, though not for the engine's.
    return file;
  }
  let offset = document.text.search(/\S/);
  for (const [index, step] of field.entries()) {
    const position = typeof value === "object" && value !== null && offsets.get(value)?.get(step);
    if (!position) break;
    offset = index === field.length - 1 && part === "key" ? position.key : position.value;
    value = (value as Record<string | number, Data>)[step] ?? null;
  }
  return `${file}:${lineAndColumn(document.text, offset)}`;
}

/** `tasks.build.input[0]`; a key that is no plain word is quoted. */
export function describeField(field: FieldPath): string {
  let text = "";
  for (const step of field) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[\w$@/:-]+$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${printable(JSON.stringify(step))}]`;
  }
  return text;
}

function identity({ path, code }: DocumentSource): Pick<Document, "path" | "code"> {
  return { path, code };
}

function decode({ path, bytes, code }: DocumentSource): string {
  if (bytes.length > documentBytesMax) {
    const limit = documentBytesMax / 1024 / 1024;
    throw new UserError(`${printable(path)} is larger than ${limit} MiB`, { code });
  }
  const isUtf16 =
    (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isUtf16) {
    throw new UserError(`${printable(path)} is written in UTF-16`, {
      code,
      hint: "save it as UTF-8",
    });
  }
  return new TextDecoder().decode(bytes);
}

function parseQuickly(source: DocumentSource, text: string): Data {
  try {
    return JSON.parse(text) as Data;
  } catch {
    return explain(source, text, "json");
  }
}

/**
 * What the engine's parser makes of plain JSON, where it can be proved that no key is there twice: of those it
 * would keep the last. Each member has a colon in the text, and so has each colon in a string, unless it was
 * written as an escape; one more in the text is that of a member that was lost. Undefined in case of doubt.
 */
function parseUnambiguous(text: string): Data | undefined {
  if (text.includes("\\u")) return undefined;
  try {
    const data = JSON.parse(text) as Data;
    return countColons(data, 0) === colonsIn(text) ? data : undefined;
  } catch {
    return undefined; // It has comments, or a mistake that is to be explained.
  }
}

/** Those that a text with this data has at least; none can have as few for one that is too deep for `readJson`. */
function countColons(data: Data, depth: number): number {
  if (typeof data === "string") return colonsIn(data);
  if (typeof data !== "object" || data === null) return 0;
  if (depth === depthMax) return Number.NaN;
  let count = 0;
  if (Array.isArray(data))
    for (const item of data as readonly Data[]) count += countColons(item, depth + 1);
  else
    for (const [key, value] of Object.entries(data))
      count += 1 + colonsIn(key) + countColons(value, depth + 1);
  return count;
}

function colonsIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf(":"); at !== -1; at = text.indexOf(":", at + 1)) count += 1;
  return count;
}

function explain(source: DocumentSource, text: string, dialect: JsonDialect): Data {
  try {
    return readJson(text, dialect);
  } catch (cause) {
    if (!(cause instanceof JsonSyntaxError)) throw cause;
    const place = `${printable(source.path)}:${lineAndColumn(text, cause.offset)}`;
    throw new UserError(`${place}: ${cause.message}`, { code: source.code, cause });
  }
}

function fieldMessage(problem: Problem): string {
  const field = describeField(problem.field);
  return field === "" ? problem.message : `\`${field}\` ${problem.message}`;
}

/** Both count from 1; the column in UTF-16 code units, as editors do. */
function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, Math.max(0, offset)).split(/\r\n|\r|\n/);
  return `${before.length}:${(before.at(-1) ?? "").length + 1}`;
}

/** The engine's parser gives no positions and accepts too much; undefined where it is not to be trusted. */
function parseYamlQuickly(text: string): Data | undefined {
  const isDoubtful = /(?:^|[\s,[{])[&*][^\s'"]|^(?:---|\.\.\.|%)|<<|\0|\ufeff/m.test(text);
  if (isDoubtful || text.length > 256 * 1024) return undefined;
  try {
    const data = Bun.YAML.parse(text) as Data;
    const isObject = typeof data === "object" && data !== null && !Array.isArray(data);
    const topLevelKeys = text.match(/^[^\s#-][^\n]*?:(?=\s|$)/gm)?.length ?? 0;
    return isObject && Object.keys(data).length !== topLevelKeys ? undefined : data;
  } catch {
    return undefined;
  }
}

/** Where the library's own words would not help the person. */
const yamlWords: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: "a second document starts here, but only one is read",
  RESOURCE_EXHAUSTION: "nested too deeply",
};

async function explainYaml(
  source: DocumentSource,
  text: string,
  check: (data: Data) => Problem | undefined,
): Promise<Data> {
  const fail = (offset: number, message: string, hint?: string): UserError =>
    new UserError(`${printable(source.path)}:${lineAndColumn(text, offset)}: ${message}`, {
      code: source.code,
      hint,
    });
  const nul = text.indexOf("\0");
  if (nul !== -1) throw fail(nul, "a NUL character");
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text, { prettyErrors: false, logLevel: "error" });
  const [error] = document.errors;
  if (error) throw fail(error.pos[0], yamlWords[error.code] ?? error.message);
  let data: Data;
  try {
    data = document.toJS({ maxAliasCount: 100 }) as Data;
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw fail(0, cause instanceof RangeError ? "nested too deeply" : cause.message);
  }
  const problem = check(data);
  if (problem === undefined) return data;
  const node = document.getIn(problem.field, true);
  const range = node !== null && typeof node === "object" && "range" in node ? node.range : [];
  const start = Array.isArray(range) && typeof range[0] === "number" ? range[0] : 0;
  throw fail(start, fieldMessage(problem), problem.hint);
}
