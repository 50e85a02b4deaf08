// `npm run check:errors`: every error code stands in docs/errors.md, with an example that a test produces:
// the case of test/e2e/fixtures/errors that has the code's name.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseCases } from "../test/harness/steps.ts";
import { transcriptName } from "../test/harness/transcript.ts";

const root = join(import.meta.dir, "..");
const fixture = "test/e2e/fixtures/errors";
const read = (path: string): string => readFileSync(join(root, path), "utf8");

type Row = { readonly code: string; readonly when: string; readonly example: string };

/** What is missing, or said otherwise in one place than in another, in words. */
export function findErrorGaps(): readonly string[] {
  const codes = [...read("src/base/error.ts").matchAll(/^ {2}\| "([a-z-]+)"/gm)].map(
    ([, code = ""]) => code,
  );
  if (codes.length === 0) return ["src/base/error.ts lists no codes"];
  const rows = readRows();
  const names = parseCases(read(`${fixture}/steps.toml`)).map(({ name }) => name);
  const unknown = rows.filter(({ code }) => !codes.includes(code));
  return [
    ...unknown.map(({ code }) => `docs/errors.md has \`${code}\`, which is no error code`),
    ...codes.flatMap((code) => {
      const row = rows.find((candidate) => candidate.code === code);
      return row === undefined
        ? [`docs/errors.md does not have \`${code}\``]
        : findRowGaps(row, names);
    }),
  ];
}

function readRows(): readonly Row[] {
  const cells = /^\| `([a-z-]+)` \| (.+) \| (`+) ?(.+?) ?\3 \|$/gm;
  return [...read("docs/errors.md").matchAll(cells)].map(
    ([, code = "", when = "", , example = ""]) => ({ code, when, example }),
  );
}

function findRowGaps({ code, when, example }: Row, names: readonly string[]): readonly string[] {
  const name = `${code}: ${when}`;
  const path = `${fixture}/transcripts/${transcriptName(name)}`;
  if (!names.includes(name)) return [`${fixture}/steps.toml has no case "${name}"`];
  if (!existsSync(join(root, path))) return [`${path} is not there`];
  const lines = read(path).replaceAll("<root>", "/srv/app").split("\n");
  const isSeen = lines.some((line) => line.replace(/^(?:error:|\*) /, "").startsWith(example));
  return isSeen ? [] : [`${path} does not show the example of docs/errors.md: ${example}`];
}

if (import.meta.main) {
  const gaps = findErrorGaps();
  for (const gap of gaps) console.error(gap);
  process.exitCode = gaps.length === 0 ? 0 : 1;
}
