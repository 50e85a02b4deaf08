import { expect, test } from "bun:test";
import { mkdirSync, unlinkSync, writeFileSync } from "node:fs";
import { comparePaths, type WorkspacePath, workspacePath } from "../../src/base/path.ts";
import { Exclusions } from "../../src/fingerprint/exclusions.ts";
import { HashMemo } from "../../src/fingerprint/hash-memo.ts";
import { readState } from "../../src/fingerprint/state.ts";
import { Tree } from "../../src/fingerprint/tree.ts";
import type { EarlierState, RunContext } from "../../src/observe/context.ts";
import type { Observation } from "../../src/observe/findings.ts";
import { observe } from "../../src/observe/observe.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { ScriptedRun } from "./scripted-run.ts";

type World = {
  readonly run: ScriptedRun;
  /** Somebody else's doing, before or while the run goes on. */
  readonly put: (path: string, content: string) => void;
};

type Case = {
  readonly name: string;
  readonly before?: (world: World) => void;
  readonly owned?: readonly string[];
  readonly overlapped?: readonly string[];
  readonly context?: Partial<RunContext>;
  readonly run: (world: World) => void;
  readonly expected: {
    readonly problem?: string;
    /** `path: state`, with `?` where it may be missing and `~` where the step's own work will do. */
    readonly conditions?: readonly string[];
    readonly outputs?: readonly string[];
    readonly created?: readonly string[];
    readonly removed?: readonly string[];
  };
};

const cases: readonly Case[] = [
  {
    name: "a file that was read is an input, with its content",
    before: ({ put }) => put("in.txt", "a"),
    run: ({ run }) => run.read("in.txt"),
    expected: { conditions: ["in.txt: file"] },
  },
  {
    name: "looking at a file's attributes counts as reading it",
    before: ({ put }) => put("in.txt", "a"),
    run: ({ run }) => run.probe("in.txt"),
    expected: { conditions: ["in.txt: file"] },
  },
  {
    name: "a path that was looked for in vain must stay missing",
    run: ({ run }) => run.probe("maybe.txt"),
    expected: { conditions: ["maybe.txt: missing"] },
  },
  {
    name: "a listed directory must keep its entries",
    before: ({ put }) => put("src/a", "a"),
    run: ({ run }) => run.list("src"),
    expected: { conditions: ["src: listing a"] },
  },
  {
    name: "a new file is an output and the step's own",
    run: ({ run }) => run.mkdir("out").write("out/a", "1"),
    expected: {
      conditions: ["out: directory ?"],
      outputs: ["out", "out/a"],
      created: ["out", "out/a"],
    },
  },
  {
    name: "a path that was looked for before it was made must be missing, or own work, next time",
    run: ({ run }) => run.probe("a").write("a", "1"),
    expected: { conditions: ["a: file ~"], outputs: ["a"], created: ["a"] },
  },
  {
    name: "a probe of something that is then replaced is no input",
    before: ({ put }) => put("a", "0"),
    run: ({ run }) => run.probe("a").write("a", "1"),
    expected: { outputs: ["a"] },
  },
  {
    name: "a path that was looked for, made and removed again must be missing next time",
    run: ({ run }) => run.probe("lock").write("lock", "1").remove("lock"),
    expected: { conditions: ["lock: missing"] },
  },
  {
    name: "what is listed in a directory of the run's own must be its own next time",
    run: ({ run }) => run.mkdir("gen").write("gen/a", "1").list("gen"),
    expected: {
      conditions: ["gen: listing ~"],
      outputs: ["gen", "gen/a"],
      created: ["gen", "gen/a"],
    },
  },
  {
    name: "a directory whose mode the run changed before it listed it must keep its entries",
    before: ({ put }) => put("d/a", "0"),
    run: ({ run }) => run.chmod("d", 0o755).list("d"),
    expected: { conditions: ["d: listing a ~"], outputs: ["d"] },
  },
  {
    name: "an output that somebody else removes while the run goes on is noticed",
    run: ({ run }) => {
      run.write("o", "1");
      unlinkSync(run.at("o"));
    },
    expected: { problem: "input-changed o" },
  },
  {
    name: "another name for a source is an output, and the source an input",
    before: ({ put }) => put("a", "0"),
    run: ({ run }) => run.hardLink("a", "b"),
    expected: {
      conditions: ["a: file", "b: file ~"],
      outputs: ["b"],
      created: ["b"],
    },
  },
  {
    name: "links that lead to each other are inputs",
    before: ({ run }) => {
      run.link("x", "y").link("y", "x").accesses.splice(0);
    },
    run: ({ run }) => run.refused("x"),
    expected: { conditions: ["x: link", "y: link"] },
  },
  {
    name: "a link that is made where nothing was needs nothing to be there, or own work",
    run: ({ run }) => run.write("a", "1").link("b", "a"),
    expected: { conditions: ["b: link ~"], outputs: ["a", "b"], created: ["a", "b"] },
  },
  {
    name: "reading back what was written is no input",
    run: ({ run }) => run.write("a", "1").read("a").probe("a"),
    expected: { outputs: ["a"], created: ["a"] },
  },
  {
    name: "a file that was read and then written keeps the run out of the cache",
    before: ({ put }) => put("a", "0"),
    run: ({ run }) => run.read("a").write("a", "1"),
    expected: { problem: "overlap a" },
  },
  {
    name: "an update in place is a read and a write",
    before: ({ put }) => put("a", "0"),
    run: ({ run }) => run.update("a", "1"),
    expected: { problem: "overlap a" },
  },
  {
    name: "opening for writing without writing is only a look",
    before: ({ put }) => put("a", "0"),
    run: ({ run }) => run.openOnly("a"),
    expected: { conditions: ["a: file"] },
  },
  {
    name: "an overlap on a file of the step's own is fine if the next run finds its own work there",
    before: ({ put }) => put("state", "0"),
    owned: ["state"],
    run: ({ run }) => run.read("state").write("state", "1"),
    expected: { conditions: ["state: file ~"], outputs: ["state"], created: ["state"] },
  },
  {
    name: "an own file that was only read may be missing next time",
    before: ({ put }) => put("state", "0"),
    owned: ["state"],
    run: ({ run }) => run.read("state"),
    expected: { conditions: ["state: file ?"], outputs: ["state"], created: ["state"] },
  },
  {
    name: "an overlap on a file that ends as it began is an input",
    before: ({ put }) => put("a", "same"),
    overlapped: ["a"],
    run: ({ run }) => run.read("a").write("a", "same"),
    expected: { conditions: ["a: file"] },
  },
  {
    name: "an overlap on a file that does not end as it began is none",
    before: ({ put }) => put("a", "then"),
    overlapped: ["a"],
    run: ({ run }) => run.read("a").write("a", "now"),
    expected: { problem: "overlap a" },
  },
  {
    name: "a negative pattern dissolves an overlap",
    before: ({ put }) => put("a", "0"),
    context: { isDissolved: () => true, countsAsOutput: () => false },
    run: ({ run }) => run.read("a").write("a", "1"),
    expected: { conditions: ["a: file"] },
  },
  {
    name: "leaving out automatic outputs does not dissolve an overlap",
    before: ({ put }) => put("a", "0"),
    context: { countsAsOutput: () => false },
    run: ({ run }) => run.read("a").write("a", "1"),
    expected: { problem: "overlap a" },
  },
  {
    name: "appending to a new file depends on its not being there",
    run: ({ run }) => run.append("log", "x"),
    expected: { conditions: ["log: missing"], outputs: ["log"], created: ["log"] },
  },
  {
    name: "scratch files leave no trace",
    run: ({ run }) => run.write("tmp", "x").read("tmp").remove("tmp"),
    expected: {},
  },
  {
    name: "a file written aside and renamed is an output at its final place",
    run: ({ run }) => run.write("a.tmp", "1").rename("a.tmp", "a"),
    expected: { outputs: ["a"], created: ["a"] },
  },
  {
    name: "a renamed directory takes what was written in it along",
    run: ({ run }) => run.mkdir("tmp").write("tmp/a", "1").rename("tmp", "out").read("out/a"),
    expected: {
      conditions: ["tmp: missing"],
      outputs: ["out", "out/a"],
      created: ["out", "out/a"],
    },
  },
  {
    name: "removing what somebody else made keeps the run out of the cache",
    before: ({ put }) => put("a", "0"),
    run: ({ run }) => run.remove("a"),
    expected: { problem: "removed-foreign a" },
  },
  {
    name: "moving what somebody else made away keeps the run out of the cache",
    before: ({ put }) => put("a", "0"),
    run: ({ run }) => run.rename("a", "b"),
    expected: { problem: "removed-foreign a" },
  },
  {
    name: "an own file that is removed must be missing, or own work, next time",
    before: ({ put }) => put("old", "0"),
    owned: ["old"],
    run: ({ run }) => run.remove("old"),
    expected: { conditions: ["old: missing ~"], removed: ["old"] },
  },
  {
    name: "a directory that was listed and emptied may have held anything",
    before: ({ put }) => put("out/old", "0"),
    run: ({ run }) => run.list("out").remove("out/old").write("out/new", "1"),
    expected: { conditions: ["out: listing ?"], outputs: ["out/new"], created: ["out/new"] },
  },
  {
    name: "own files do not count in a listing",
    before: ({ put }) => {
      put("out/own", "0");
      put("out/theirs", "0");
    },
    owned: ["out/own"],
    run: ({ run }) => run.list("out"),
    expected: {
      conditions: ["out: listing theirs"],
      outputs: ["out/own"],
      created: ["out/own"],
    },
  },
  {
    name: "a directory that holds only own work may be missing next time",
    before: ({ put }) => put("out/own", "0"),
    owned: ["out/own"],
    run: ({ run }) => run.probe("out"),
    expected: { conditions: ["out: directory ?"], outputs: ["out/own"], created: ["out/own"] },
  },
  {
    name: "dist and the inside of tool caches do not count in a listing",
    before: ({ put }) => {
      put("dist/a", "0");
      put("node_modules/.cache/b", "0");
      put("c", "0");
    },
    run: ({ run }) => run.list(".").list("node_modules"),
    expected: { conditions: [": listing c node_modules", "node_modules: listing"] },
  },
  {
    name: "a file in a tool cache is neither input nor output",
    before: ({ put }) => put("node_modules/.cache/x", "0"),
    run: ({ run }) => run.read("node_modules/.cache/x").write("node_modules/.cache/x", "1"),
    expected: {},
  },
  {
    name: "an input that somebody edits while the run goes on is noticed",
    before: ({ put }) => put("in.txt", "a"),
    run: ({ run, put }) => {
      run.read("in.txt");
      put("in.txt", "b");
    },
    expected: { problem: "input-changed in.txt" },
  },
  {
    name: "an input that is removed while the run goes on is noticed",
    before: ({ put }) => put("in.txt", "a"),
    run: ({ run }) => {
      run.read("in.txt");
      unlinkSync(run.at("in.txt"));
    },
    expected: { problem: "input-changed in.txt" },
  },
  {
    name: "a file that appears where one was looked for in vain is noticed",
    run: ({ run, put }) => {
      run.probe("maybe");
      put("maybe", "now");
    },
    expected: { problem: "input-changed maybe" },
  },
  {
    name: "an entry that appears in a listed directory is noticed",
    before: ({ put }) => put("src/a", "a"),
    run: ({ run, put }) => {
      run.list("src");
      put("src/b", "b");
    },
    expected: { problem: "input-changed src/b" },
  },
  {
    name: "a file that somebody else puts into a directory of the run is noticed",
    run: ({ run, put }) => {
      run.mkdir("out").write("out/a", "1");
      put("out/b", "theirs");
    },
    expected: { problem: "input-changed out/b" },
  },
  {
    name: "the run's own entries in a listed directory are no change",
    before: ({ put }) => put("src/a", "a"),
    run: ({ run }) => run.list("src").write("src/b", "b"),
    expected: { conditions: ["src: listing a"], outputs: ["src/b"], created: ["src/b"] },
  },
  {
    name: "writing outside the workspace keeps the run out of the cache",
    run: ({ run }) => run.write("../outside", "x"),
    expected: { problem: "wrote-outside ../outside" },
  },
  {
    name: "changing the mode of somebody else's file is an overlap",
    before: ({ put }) => put("a", "0"),
    run: ({ run }) => run.chmod("a", 0o755),
    expected: { problem: "overlap a" },
  },
  {
    name: "changing the mode of a file that was just written is part of writing it",
    run: ({ run }) => run.write("a", "1").chmod("a", 0o755),
    expected: { outputs: ["a"], created: ["a"] },
  },
  {
    name: "what is read through a link that leads out of the workspace is an input",
    before: ({ run, put }) => {
      put("../elsewhere/a", "0");
      run.link("linked", "../elsewhere").accesses.pop();
    },
    run: ({ run }) => run.read("linked/a"),
    expected: { conditions: ["linked: link", "linked/a: beyond"] },
  },
  {
    name: "without automatic inputs reads do not count",
    before: ({ put }) => put("in.txt", "a"),
    context: { countsAsInput: () => false },
    run: ({ run }) => run.read("in.txt").write("a", "1"),
    expected: { outputs: ["a"], created: ["a"] },
  },
];

for (const { name, before, owned, overlapped, context, run, expected } of cases) {
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
    run(world);
    const after = tree.again();
    const observation = observe(world.run.accesses, {
      tree: after,
      exclusions: new Exclusions(after, undefined),
      countsAsInput: () => true,
      countsAsOutput: () => true,
      isDissolved: () => false,
      owned: new Set((owned ?? []).map(workspacePath)),
      before: new Map(known),
      linked: [],
      scratch: [],
      clock: { startedAt: BigInt(Date.now() + 60_000) * 1_000_000n, isFine: true },
      ...context,
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
