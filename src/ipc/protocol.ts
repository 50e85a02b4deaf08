import { type AbsolutePath, absolutePath, diskPath } from "../base/path.ts";
import { type EnvQuery, parseGlobQuery, prefixQuery } from "./env-query.ts";

/*
 * The wire format between a tool and vt, version 1. `docs/runner-aware-tools.md` describes it for
 * people who write a client.
 *
 * The endpoint is a Unix stream socket. Both sides send frames:
 *
 *     u32, little-endian   length of the rest, at most 65,536 towards vt
 *     UTF-8                one JSON object
 *
 * The first request of a connection is {"call": "hello", "version": 1}. Each request has one reply,
 * in the same order; a client need not wait for a reply before it sends the next request.
 *
 *     {"call": "hello", "version": 1}                         {"version": 1}
 *     {"call": "ignoreInput", "path": "/absolute"}            {}
 *     {"call": "ignoreOutput", "path": "/absolute"}           {}
 *     {"call": "disableCache"}                                {}
 *     {"call": "getEnv", "name": "A", "tracked": true}        {"value": "a"}, or null when it is not set
 *     {"call": "getEnvs", "glob": "A_*", "tracked": true}     {"values": {"A_B": "b"}}
 *     {"call": "getEnvs", "prefix": "A_", "tracked": true}    the same
 *
 * A request that means nothing is answered by {"error": "what is wrong"}. After one that cannot be
 * read at all, or one for another version, vt closes the connection. Fields that vt does not know
 * are ignored; a change that an older vt must not ignore changes the version.
 *
 * In a path, the lone surrogate U+DC00 + byte stands for a byte that is no UTF-8 (Python's PEP 383).
 */
export const protocolVersion = 1;
export const frameBytesMax = 64 * 1024;
const headBytes = 4;

export type Request =
  | { readonly call: "hello" }
  | { readonly call: "ignoreInput" | "ignoreOutput"; readonly path: AbsolutePath }
  | { readonly call: "disableCache" }
  | { readonly call: "getEnv"; readonly name: string; readonly isTracked: boolean }
  | { readonly call: "getEnvs"; readonly query: EnvQuery; readonly isTracked: boolean };

/** A request as it is on the wire. */
export type WireRequest = { readonly call: Request["call"] } & Readonly<Record<string, unknown>>;

export type Reply = {
  readonly version?: number;
  readonly value?: string | null;
  readonly values?: Readonly<Record<string, string>>;
  readonly error?: string;
};

/** A request that means nothing; worded for the person who wrote the tool. */
export class InvalidRequest extends Error {}

/** Bytes that are no frames of this version: what follows them cannot be read. */
export class BrokenConversation extends Error {}

export function encodeFrame(message: WireRequest | Reply): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  const frame = Buffer.allocUnsafe(headBytes + body.length);
  frame.writeUInt32LE(body.length, 0);
  frame.set(body, headBytes);
  return frame;
}

/** The first frame's body, and what follows it; undefined while it has not wholly arrived. */
export function splitFrame(
  bytes: Buffer,
  bodyBytesMax: number,
): { readonly body: Buffer; readonly rest: Buffer } | undefined {
  if (bytes.length < headBytes) return undefined;
  const length = bytes.readUInt32LE(0);
  if (length > bodyBytesMax)
    throw new BrokenConversation(`a frame of ${length} bytes, more than ${bodyBytesMax}`);
  const end = headBytes + length;
  if (bytes.length < end) return undefined;
  return { body: bytes.subarray(headBytes, end), rest: bytes.subarray(end) };
}

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Throws `InvalidRequest`, or `BrokenConversation` when not even a call can be made out. */
export function parseRequest(body: Uint8Array): Request {
  const fields = parseObject(body);
  const { call } = fields;
  switch (call) {
    case "hello":
      if (fields["version"] === protocolVersion) return { call };
      throw new BrokenConversation(
        `this vt speaks version ${protocolVersion} with tools, not ${show(fields["version"])}`,
      );
    case "ignoreInput":
    case "ignoreOutput":
      return { call, path: readPath(fields["path"]) };
    case "disableCache":
      return { call };
    case "getEnv":
      return { call, name: readText("name", fields["name"]), isTracked: isTracked(fields) };
    case "getEnvs":
      return { call, query: readQuery(fields), isTracked: isTracked(fields) };
    default:
      throw new InvalidRequest(`there is no call ${show(call)}`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function parseObject(body: Uint8Array): Fields {
  try {
    const value: unknown = JSON.parse(strictDecoder.decode(body));
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Fields;
  } catch (cause) {
    throw new BrokenConversation("a message that is no JSON in UTF-8", { cause });
  }
  throw new BrokenConversation("a message that is no JSON object");
}

/** What the system calls a path is shorter (PATH_MAX, its NUL included). */
const pathBytesMax = 4095;

function readPath(value: unknown): AbsolutePath {
  if (typeof value !== "string" || !value.startsWith("/") || value.includes("\0"))
    throw new InvalidRequest(`not an absolute path: ${show(value)}`);
  const path = absolutePath(value);
  if (Buffer.byteLength(diskPath(path)) > pathBytesMax)
    throw new InvalidRequest(`a path of more than ${pathBytesMax} bytes: ${show(value)}`);
  return path;
}

function readQuery(fields: Fields): EnvQuery {
  const { prefix } = fields;
  if (prefix !== undefined) return prefixQuery(readText("prefix", prefix));
  const glob = readText("glob", fields["glob"]);
  try {
    return parseGlobQuery(glob);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidRequest(`the pattern ${show(glob)} is invalid: ${why}`, { cause });
  }
}

function readText(field: string, value: unknown): string {
  if (typeof value === "string" && value.isWellFormed()) return value;
  throw new InvalidRequest(`\`${field}\` must be text, not ${show(value)}`);
}

function isTracked({ tracked = true }: Fields): boolean {
  if (typeof tracked === "boolean") return tracked;
  throw new InvalidRequest(`\`tracked\` must be true or false, not ${show(tracked)}`);
}

const shownMax = 80;

/** As JSON, cut where it gets long. */
function show(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
}
