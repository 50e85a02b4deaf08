import { printable } from "../base/path.ts";

/** A name in quotes, fit to be shown. */
export function quote(name: string): string {
  return `'${printable(name)}'`;
}
