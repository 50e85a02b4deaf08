/**
 * Every failure a person can act on has one of these codes; `docs/errors.md` lists them.
 * `usage`: the command line is wrong (exit 2). All others end in exit 1.
 */
export type ErrorCode =
  | "usage"
  | "workspace-not-found"
  | "manifest-invalid"
  | "workspace-file-invalid"
  | "config-invalid"
  | "config-exists"
  | "duplicate-package"
  | "package-not-found"
  | "package-ambiguous"
  | "changes-unknown"
  | "task-not-found"
  | "task-conflict"
  | "dependency-cycle"
  | "recursion"
  | "program-not-found"
  | "environment-invalid"
  | "cache-invalid"
  | "no-last-run";

/** A failure the user can act on: what went wrong, and what to try. Anything else that throws is a bug in vt. */
export class UserError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  /** `message` names the file, field or path and what was expected; `hint` says what to do about it. */
  constructor(
    message: string,
    options: {
      readonly code: ErrorCode;
      readonly hint?: string | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.name = "UserError";
    this.code = options.code;
    this.hint = options.hint;
  }
}
