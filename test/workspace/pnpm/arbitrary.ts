import { relative } from "node:path";
import {
  type Arbitrary,
  array,
  boolean,
  constantFrom,
  option,
  record,
  tuple,
  uniqueArray,
} from "fast-check";

/** A workspace, and filters for it. */
export type Sample = {
  /** By directory; "" is the root. */
  readonly packages: Readonly<Record<string, SamplePackage>>;
  readonly linkWorkspacePackages: boolean;
  /** Where the person is: the directory of a package. */
  readonly from: string;
  /** Several values of `--filter` each. */
  readonly queries: readonly (readonly string[])[];
};

type SamplePackage = {
  readonly name?: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const directories = [
  ...["packages/a", "packages/b", "packages/ab", "packages/a/nested"],
  ...["apps/a", "apps/deep/x", "apps/my app", "tools"],
];
const names = ["a", "b", "ab", "c.d", "@s/a", "@s/b", "@s/x-y", "@t/x", "@t/a", "@t/abc"];
const fields = [
  "dependencies",
  "devDependencies",
  "peerDependencies",
  "optionalDependencies",
] as const;
const ranges = [
  "workspace:*",
  "workspace:^",
  "workspace:^1.0.0",
  "*",
  "^1.0.0",
  "~1.2.0",
  "^2.0.0",
  "file",
];

const nameParts = [
  ...names,
  "x",
  "x-y",
  "abc",
  "nope",
  "*",
  "@s/*",
  "@*",
  "a*",
  "*a",
  "*b*",
  "@*/x",
  "x*",
  "ab*",
];
const bareDirectories = [
  ...["./packages/a", "./packages/*", "./packages/**", "./apps/*", "./apps/**", "./apps/deep/x"],
  ...[
    ".",
    "./",
    "./*",
    "./**",
    "./nope",
    "./packages/{a,ab}",
    "./packages/?",
    "./[pt]*",
    "./tools/",
  ],
];
const bracedDirectories = [
  "packages/a",
  "./apps/deep/x",
  "packages/*",
  "**",
  "apps/my app",
  "tools/",
  "nope",
  "*/a",
];

const core: Arbitrary<string> = tuple(
  option(constantFrom(...nameParts), { nil: "" }),
  option(constantFrom(...bracedDirectories), { nil: undefined, freq: 2 }),
)
  .map(([name, directory]) => name + (directory === undefined ? "" : `{${directory}}`))
  .filter((text) => text !== "");

const filter: Arbitrary<string> = tuple(
  constantFrom("", "", "", "!"),
  constantFrom("", "", "...", "...^"),
  constantFrom("", "", "...", "^..."),
  core,
  option(constantFrom(...bareDirectories), { nil: undefined, freq: 2 }),
).map(([not, before, after, braced, bare]) =>
  // A bare path takes no dots: in `docs/cli.md` among the differences.
  bare === undefined ? not + before + braced + after : not + bare,
);

/** Random workspaces of up to eight packages with dependencies of every kind, and filters of every form. */
export const samples: Arbitrary<Sample> = record({
  places: uniqueArray(constantFrom(...directories), { minLength: 1, maxLength: 7 }),
  names: uniqueArray(constantFrom(...names), { minLength: 8, maxLength: 8 }),
  nameless: array(constantFrom(true, false, false, false), { minLength: 8, maxLength: 8 }),
  edges: array(
    record({
      from: constantFrom(0, 1, 2, 3, 4, 5, 6, 7),
      to: constantFrom(0, 1, 2, 3, 4, 5, 6, 7),
      field: constantFrom(...fields),
      range: constantFrom(...ranges),
    }),
    { maxLength: 12 },
  ),
  linkWorkspacePackages: boolean(),
  from: constantFrom(0, 0, 0, 1, 2, 3),
  queries: array(array(filter, { minLength: 1, maxLength: 3 }), { minLength: 4, maxLength: 6 }),
}).map((drawn) => {
  const places = ["", ...drawn.places];
  const nameOf = (index: number): string | undefined =>
    drawn.nameless[index] === true ? undefined : drawn.names[index];
  const packages: Record<string, Record<string, unknown>> = {};
  for (const [index, place] of places.entries()) {
    const name = nameOf(index);
    packages[place] = { ...(name !== undefined && { name }), version: "1.2.3" };
  }
  const joined = new Set<string>();
  for (const { from, to, field, range } of drawn.edges) {
    const [place, target, name] = [places[from], places[to], nameOf(to)];
    if (place === undefined || target === undefined || name === undefined || from === to) continue;
    // pnpm lets the last of several fields decide, whatever the others say.
    if (joined.has(`${from} ${to}`)) continue;
    joined.add(`${from} ${to}`);
    const file = `file:${relative(`/${place}`, `/${target}`) || "."}`;
    const own = packages[place] ?? {};
    own[field] = { ...(own[field] as object), [name]: range === "file" ? file : range };
  }
  return {
    packages: packages as Record<string, SamplePackage>,
    linkWorkspacePackages: drawn.linkWorkspacePackages,
    from: places[drawn.from] ?? "",
    queries: drawn.queries,
  };
});
