// `--filter` against pnpm: the same packages, but for the differences that `docs/cli.md` lists.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { assert, asyncProperty, sample } from "fast-check";
import { createFindChanges } from "../../../src/cli/changed-files.ts";
import { changedPackages } from "../../../src/workspace/changes.ts";
import { temporaryDirectory } from "../../harness/temporary-directory.ts";
import { patience } from "../../harness/vt.ts";
import { writeFiles } from "../write-files.ts";
import { type Sample, samples } from "./arbitrary.ts";
import { installPnpm, loadSample, type Pnpm, selectByVt } from "./compare.ts";

const seed = Number(process.env["VT_FILTER_SEED"] ?? 20_261_121);
const workspaces = 2000;
/** Ten seconds on an idle machine. */
const patienceWithMany = 5 * patience;
const realCalls = 12;

let pnpm: Pnpm;

beforeAll(async () => {
  pnpm = await installPnpm();
}, patience);

afterAll(async () => await pnpm[Symbol.asyncDispose]());

/** In pnpm, `...x` beside `...y...` brings what the dependents of `x` depend on. */
function hasNeighbours(filters: readonly string[]): boolean {
  const [kept, excluded] = [false, true].map((isExclusion) =>
    filters.filter((text) => text.startsWith("!") === isExclusion),
  );
  return [kept, excluded].some((group = []) => {
    const dependents = group.filter((text) => /^!?\.\.\./.test(text));
    return dependents.length > 1 && dependents.some((text) => text.endsWith("..."));
  });
}

test(
  `the same packages as pnpm's own filter, in ${workspaces} workspaces`,
  async () => {
    let [compared, ambiguous] = [0, 0];
    const check = async (drawn: Sample): Promise<void> => {
      await using temporary = await temporaryDirectory();
      const graph = await loadSample(temporary.path, drawn);
      for (const filters of drawn.queries) {
        if (hasNeighbours(filters)) continue;
        const ours = selectByVt(graph, drawn.from, filters);
        if (ours === "ambiguous") {
          ambiguous += 1;
          continue;
        }
        compared += 1;
        expect(ours, filters.join(" ")).toEqual(await pnpm.select(drawn, filters));
      }
    };
    await assert(asyncProperty(samples, check), { seed, numRuns: workspaces });
    expect(compared).toBeGreaterThan(workspaces * 4);
    expect(ambiguous).toBeLessThan(compared / 20);
  },
  patienceWithMany,
);

test(
  `the same packages as \`pnpm list\` shows, in ${realCalls} of them`,
  async () => {
    for (const drawn of sample(samples, { seed, numRuns: realCalls })) {
      await using temporary = await temporaryDirectory();
      const graph = await loadSample(temporary.path, drawn);
      const filters = drawn.queries.find((query) => !hasNeighbours(query)) ?? ["*"];
      const ours = selectByVt(graph, drawn.from, filters);
      const theirs = await pnpm.list(temporary.path, drawn.from, filters);
      if (ours !== "ambiguous") expect(ours, filters.join(" ")).toEqual(theirs);
    }
  },
  patience,
);

test(
  "the same packages as `pnpm list` shows, of those that changed since a commit",
  async () => {
    await using temporary = await temporaryDirectory();
    const root = temporary.path;
    const graph = await loadSample(root, {
      packages: {
        "": { name: "root", version: "1.0.0" },
        "packages/a": { name: "a", version: "1.0.0", dependencies: { b: "workspace:*" } },
        "packages/b": { name: "b", version: "1.0.0" },
        "packages/c": { name: "c", version: "1.0.0" },
      },
      linkWorkspacePackages: false,
      from: "",
      queries: [],
    });
    const git = (...args: readonly string[]): void => {
      const identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
      execFileSync("git", [...identity, ...args], { cwd: root, stdio: "ignore" });
    };
    git("init", "-q");
    git("add", ".");
    git("commit", "-q", "-m", "first");
    writeFiles(root, { "packages/b/file.txt": "one", "notes.txt": "two" });
    git("add", ".");
    git("commit", "-q", "-m", "second");
    writeFiles(root, { "packages/c/package.json": { name: "c", version: "1.0.1" } });
    const host = { environment: { PATH: process.env["PATH"] } };
    const findChanges = createFindChanges(root, host);
    const changedSince = (ref: string): ReadonlySet<string> =>
      changedPackages(graph, findChanges({ kind: "commit", ref }));
    for (const filter of ["[HEAD]", "[HEAD~1]", "...[HEAD~1]", "b[HEAD~1]", "![HEAD~1]"]) {
      const ours = selectByVt(graph, "", [filter], changedSince);
      expect(ours, filter).toEqual(await pnpm.list(root, "", [filter]));
    }
  },
  patience,
);
