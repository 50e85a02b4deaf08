import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { comparePaths, type WorkspacePath, workspacePath } from "../../src/base/path.ts";
import { Exclusions } from "../../src/fingerprint/exclusions.ts";
import { HashMemo } from "../../src/fingerprint/hash-memo.ts";
import { readState } from "../../src/fingerprint/state.ts";
import { Tree } from "../../src/fingerprint/tree.ts";
import type { EarlierState } from "../../src/observe/context.ts";
import type { Observation } from "../../src/observe/findings.ts";
import { observe } from "../../src/observe/observe.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import type { World } from "./case.ts";
import { looksAndWrites } from "./looks-and-writes.ts";
import { ownWorkAndOthers } from "./own-work-and-others.ts";
import { ScriptedRun } from "./scripted-run.ts";

for (const { name, before, owned, overlapped, context, contextOf, run, expected } of [
  ...looksAndWrites,
  ...ownWorkAndOthers,
]) {
  test(name, async () => {
    await using directory = await temporaryDirectory();
    const root = directory.path;
    const world: World = {
      run: new ScriptedRun(root),
      put: (path, content) => {
        const at = new ScriptedRun(root).at(path);
        mkdirSync(at.slice(0, at.lastIndexOf("/")), { recursive: true });
        writeFileSync(at, content);
      },
    };
    before?.(world);
    const tree = new Tree(root, new HashMemo(Date.now));
    const known = (overlapped ?? []).map((path): readonly [WorkspacePath, EarlierState] => {
      const state = readState(tree, tree.at(workspacePath(path)));
      if (state === undefined) throw new Error(`no state of ${path}`);
      return [workspacePath(path), { state, stamp: tree.stamp(tree.at(workspacePath(path))) }];
    });
    const kinds = (owned ?? []).map((path) => {
      const kind = tree.kind(tree.at(workspacePath(path)));
      if (kind === "missing" || kind === "other") throw new Error(`'${path}' is ${kind}`);
      return [workspacePath(path), kind] as const;
    });
    run(world);
    const after = tree.again();
    const observation = observe(world.run.accesses, {
      tree: after,
      exclusions: new Exclusions(after, undefined),
      countsAsInput: () => true,
      countsAsOutput: () => true,
      isDissolved: () => false,
      owned: new Map(kinds),
      linkTexts: new Map(),
      before: new Map(known),
      git: undefined,
      around: undefined,
      linked: [],
      scratch: [],
      clock: { startedAt: BigInt(Date.now() + 60_000) * 1_000_000n, isFine: true },
      ...context,
      ...contextOf?.(world),
    });
    expect(summarise(observation, root)).toEqual({
      problem: undefined,
      conditions: [],
      outputs: [],
      created: [],
      removed: [],
      ...expected,
    } as ReturnType<typeof summarise>);
  });
}

function summarise({ findings, problem }: Observation, root: string) {
  const { conditions, outputs, created, removed } = findings;
  const marks = { exact: "", "may-be-missing": " ?", "own-work": " ~" };
  if (problem !== undefined) {
    const parent = root.slice(0, root.lastIndexOf("/"));
    const path = problem.path.replace(`${parent}/`, "../");
    return {
      problem: `${problem.kind} ${path}`,
      conditions: [],
      outputs: [],
      created: [],
      removed: [],
    };
  }
  return {
    problem: undefined,
    conditions: conditions.map(({ path, state, tolerance }) => {
      const names =
        state.kind === "listing" ? [...state.entries.keys()].map((name) => ` ${name}`) : [];
      return `${path}: ${state.kind}${names.join("")}${marks[tolerance]}`;
    }),
    outputs: [...outputs],
    created: [...created].sort(comparePaths),
    removed: [...removed],
  };
}
