/**
 * - `auto`: the preload library everywhere; a process that may do without libc is put under the
 *   kernel's filter too, which reports what passes by the library
 * - `full`: every process of a step is under the filter
 * - `preload`: the preload library alone; a program that may do without libc makes the trace
 *   incomplete
 */
export type TraceMode = "auto" | "full" | "preload";

export const traceModes: readonly TraceMode[] = ["auto", "full", "preload"];
