import { UserError } from "../base/error.ts";
import { printable } from "../base/path.ts";

/** One expression of `--filter`, taken apart but not looked up. */
export type PackageFilter = {
  /** As written, for messages. */
  readonly text: string;
  readonly isExclusion: boolean;
  /** Of these three, what is given must hold together; at least one is. */
  readonly name?: string;
  /** A directory or a glob for directories, relative to where the person is. */
  readonly directory?: string;
  /** Packages with changes since this commit. */
  readonly since?: string;
  /** `x...` */
  readonly hasDependencies: boolean;
  /** `...x` */
  readonly hasDependents: boolean;
  /** `x^...` and `...^x`: without the packages themselves. */
  readonly isWithoutSelf: boolean;
};

/**
 * Reads the value of one `--filter`: expressions with white space between them. The grammar is that
 * of pnpm. Throws a UserError with the code `usage` for a value that means nothing.
 */
export function parseFilters(value: string): readonly PackageFilter[] {
  // White space in braces and brackets is part of a path, or of a commit's name.
  const texts = value.match(/(?:\{[^}]*\}|\[[^\]]*\]|\S)+/g);
  if (texts === null) throw new UserError("`--filter` is empty", { code: "usage", hint });
  return texts.map(parseFilter);
}

const hint = "for example `app`, `@acme/*`, `./packages/app`, `app...`, `...app` or `[main]`";

function parseFilter(text: string): PackageFilter {
  const isExclusion = text.startsWith("!");
  const [, before = "", core = "", after = ""] =
    /^(\.\.\.\^?)?(.*?)(\^?\.\.\.)?$/s.exec(isExclusion ? text.slice(1) : text) ?? [];
  const reach = {
    hasDependencies: after !== "",
    hasDependents: before !== "",
    isWithoutSelf: before.endsWith("^") || after.startsWith("^"),
  };
  if (/^\.{1,2}(?:\/|$)/.test(core)) {
    return { text, isExclusion, directory: core, ...refuseReach(text, core, reach) };
  }
  const [, name, directory, since] =
    /^([^.!{}[\]][^{}[\]]*)?(?:\{([^}]+)\})?(?:\[([^\]]+)\])?$/.exec(core) ?? [];
  if (name === undefined && directory === undefined && since === undefined) throw invalid(text);
  // It would be an option of git.
  if (since?.startsWith("-")) throw invalid(text);
  return {
    text,
    isExclusion,
    ...(name !== undefined && { name }),
    ...(directory !== undefined && { directory }),
    ...(since !== undefined && { since }),
    ...reach,
  };
}

type Reach = Pick<PackageFilter, "hasDependencies" | "hasDependents" | "isWithoutSelf">;

/** pnpm passes over the dots beside a bare path, and so over packages that were asked for. */
function refuseReach(text: string, path: string, reach: Reach): Reach {
  if (!reach.hasDependencies && !reach.hasDependents) return reach;
  throw new UserError(`Invalid filter \`${printable(text)}\`: \`...\` needs braces around a path`, {
    code: "usage",
    hint: `write \`${printable(text.replace(path, () => `{${path}}`))}\``,
  });
}

function invalid(text: string): UserError {
  return new UserError(`Invalid filter \`${printable(text)}\``, { code: "usage", hint });
}
