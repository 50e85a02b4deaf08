import { closeSync, constants, openSync, writeFileSync } from "node:fs";
import { UserError } from "../base/error.ts";
import { errnoOf } from "../base/file.ts";
import { type AbsolutePath, diskPath, printable } from "../base/path.ts";
import type { Span } from "../execute/profile.ts";
import { profileJson } from "../report/profile-json.ts";

/**
 * Makes the file, empty, unless it is there: then it is left alone. Throws a `UserError` where that cannot
 * be done.
 */
export function prepareProfile(path: AbsolutePath): void {
  try {
    closeSync(
      openSync(diskPath(path), constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT),
    );
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    throw new UserError(`the profile cannot be written to ${printable(path)} (${errnoOf(cause)})`, {
      code: "usage",
      hint: "name a file in a directory that is there, and that you may write to",
      cause,
    });
  }
}

/** Writes a profile. Returns what the operating system said against it, if it did. */
export function writeProfile(
  path: AbsolutePath,
  spans: readonly Span[],
  pid: number,
): string | undefined {
  try {
    writeFileSync(diskPath(path), profileJson(spans, pid));
    return undefined;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return errnoOf(error);
  }
}
