import { isUnreachable, stampKind } from "../native/stamp.ts";
import type { Access } from "../trace/access.ts";

/** What an access turned out to be, once it is settled whether the call succeeded. */
export type Effect =
  /** It changed nothing and found nothing there. */
  | "look-missing"
  /** It changed nothing and found something there, without reading it. */
  | "look-present"
  /** It read what was there: content, names or link text. */
  | "read"
  /** It replaced whatever was there. */
  | "write-whole"
  /** It changed what was there, or may have used it: the earlier content matters. */
  | "write-partly"
  /** It adds to the end: that nothing was there matters too. */
  | "append"
  | "remove";

/** Whether what was there before may have mattered. */
export function isLook(effect: Effect): boolean {
  return effect !== "write-whole" && effect !== "remove";
}

export function isChange(effect: Effect): boolean {
  return effect !== "look-missing" && effect !== "look-present" && effect !== "read";
}

/**
 * Settles an access. Where only the supervisor saw the call its success is not known; then what
 * stood there before the call, and what the call asks for, decide. `docs/caching.md` has the rules.
 */
export function effectOf(access: Access): Effect {
  if (access.result === "missing") return "look-missing";
  if (access.result === "refused") return refusedEffect(access);
  switch (access.kind) {
    case "probe":
      return isThere(access) === false ? "look-missing" : "look-present";
    case "read":
    case "list":
    case "readlink":
    case "execute":
      return isThere(access) === false ? "look-missing" : "read";
    default:
      return changeEffect(access);
  }
}

/**
 * Whether a change that found nothing would have gone otherwise with something there: an exclusive
 * creation is refused then, and an open without truncation goes on with what it finds.
 */
export function doesNeedAbsence({ kind, flags }: Access): boolean {
  if (kind === "write") return flags?.truncates !== true || flags.isExclusive;
  if (kind === "rename") return flags?.isExclusive === true;
  return kind === "make-directory" || kind === "make-link" || kind === "hard-link";
}

/** Whether a call makes what is not there: what it says to be missing is the directory for it. */
export function doesCreate({ kind, flags }: Access): boolean {
  if (kind === "write") return flags?.creates !== false;
  return kind === "make-directory" || kind === "make-link";
}

/** ELOOP, EACCES, EEXIST: something is there, whatever a look through it would have found. */
function refusedEffect({ kind, stamp }: Access): Effect {
  const isMaking = kind === "make-directory" || kind === "make-link" || kind === "hard-link";
  // Unless it was known before that nothing is: a link to a directory is refused wherever it is to be.
  const wasNothing = stamp !== undefined && stampKind(stamp) === "missing" && !isUnreachable(stamp);
  return isMaking && wasNothing ? "look-missing" : "look-present";
}

function changeEffect(access: Access): Effect {
  const there = isThere(access);
  const isCertain = access.result === "ok";
  switch (access.kind) {
    case "write":
      return openEffect(access);
    case "make-directory":
    case "make-link":
      return there === true && !isCertain ? "look-present" : "write-whole";
    case "hard-link":
      return there === true && !isCertain ? "look-present" : "write-whole";
    case "rename":
      return "write-whole";
    case "remove":
      return there === false && !isCertain ? "look-missing" : "remove";
    default:
      return there === false && !isCertain ? "look-missing" : "write-partly";
  }
}

function openEffect(access: Access): Effect {
  const there = isThere(access);
  const flags = access.flags;
  if (flags === undefined) return "write-partly";
  if (access.stamp !== undefined && stampKind(access.stamp) === "directory") return "look-present";
  if (there === false && !flags.creates) return "look-missing";
  if (there === true && flags.creates && flags.isExclusive && access.result !== "ok")
    return "look-present";
  if (flags.truncates || flags.isExclusive) return "write-whole";
  if (flags.appends) return "append";
  return there === false ? "write-whole" : "write-partly";
}

/** Undefined where the tracer took no stamp, which it does only for the first look and first write. */
function isThere(access: Access): boolean | undefined {
  if (access.stamp === undefined) return undefined;
  return stampKind(access.stamp) !== "missing";
}
