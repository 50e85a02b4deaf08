/** A refusal of the operating system, as `node:fs` throws it. */
export type SystemError = Error & { readonly code: string; readonly syscall: string };

export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && "syscall" in error && "code" in error;
}

/** The operating system's own words, without the call and the path: "no space left on device". */
export function systemWords(error: SystemError): string {
  return error.message.match(/^\w+: (.+?),/)?.[1] ?? error.message;
}
