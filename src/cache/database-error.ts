/*
 * What SQLite complains about. Its errors are told by their name: only `database.ts` knows where they come from.
 */

type DatabaseError = Error & { readonly code?: string };

/** Any trouble that SQLite reports. */
export function isDatabaseError(error: unknown): error is DatabaseError {
  return error instanceof Error && error.name === "SQLiteError";
}

/** Whether the file is damaged as a whole, so that nothing in it can be trusted. */
export function isDatabaseDamaged(error: unknown): boolean {
  if (!isDatabaseError(error)) return false;
  if (/^(no such (table|column)|table \w+ has no column)|malformed/.test(error.message))
    return true;
  return ["SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT"].some((code) =>
    error.code?.startsWith(code),
  );
}

/** Whether the directory, or the file, cannot be written to. */
export function isDatabaseReadOnly(error: unknown): boolean {
  if (!isDatabaseError(error)) return false;
  return ["SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM"].some((code) =>
    error.code?.startsWith(code),
  );
}

/** Whether the index of the write-ahead log, which all who use the file share, cannot be had. */
export function isSharingRefused(error: unknown): boolean {
  return isDatabaseError(error) && error.code?.startsWith("SQLITE_IOERR_SHM") === true;
}
