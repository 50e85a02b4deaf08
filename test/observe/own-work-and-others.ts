import { linkSync, realpathSync, symlinkSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { absolutePath } from "../../src/base/path.ts";
import type { Case } from "./case.ts";

const temporary = absolutePath(realpathSync(tmpdir()));

/** What it owns, and what somebody else does meanwhile. */
export const ownWorkAndOthers: readonly Case[] = [
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
    name: "a scratch file would have removed what another puts in its place",
    run: ({ run }) => run.write("tmp", "x").read("tmp").remove("tmp"),
    expected: { conditions: ["tmp: missing ~"] },
  },
  {
    name: "scratch files are told by the directory that went with them",
    run: ({ run }) => run.mkdir("tmp").write("tmp/a", "x").remove("tmp/a").remove("tmp"),
    expected: { conditions: ["tmp: missing"] },
  },
  {
    name: "a scratch file that is no input does not matter",
    context: { countsAsInput: () => false },
    run: ({ run }) => run.write("tmp", "x").remove("tmp"),
    expected: {},
  },
  {
    name: "a file written aside and renamed is an output at its final place",
    run: ({ run }) => run.write("a.tmp", "1").rename("a.tmp", "a"),
    expected: { conditions: ["a.tmp: missing ~"], outputs: ["a"], created: ["a"] },
  },
  {
    name: "a file written aside and renamed is an output though nobody saw how the calls ended",
    run: ({ run }) => run.write("a.tmp", "1").rename("a.tmp", "a").withoutResults(),
    expected: { conditions: ["a.tmp: missing ~"], outputs: ["a"], created: ["a"] },
  },
  {
    name: "a rename into a directory that is missing depends on its being missing",
    run: ({ run }) => run.write("a", "1").renameInVain("a", "out/a"),
    expected: { conditions: ["out: missing", "out/a: missing"], outputs: ["a"], created: ["a"] },
  },
  {
    name: "a rename of what is missing tells nothing of the target",
    before: ({ put }) => put("b", "0"),
    run: ({ run }) => run.renameInVain("a", "b"),
    expected: { conditions: ["a: missing"] },
  },
  {
    name: "an own file that ends as it began is own work still",
    before: ({ put }) => put("a", "0"),
    owned: ["a"],
    overlapped: ["a"],
    run: ({ run }) => run.read("a").update("a", "0"),
    expected: { conditions: ["a: file ~"], outputs: ["a"], created: ["a"] },
  },
  {
    name: "a directory that was a file before takes what was written in it along",
    run: ({ run }) =>
      run.write("tmp", "0").remove("tmp").mkdir("tmp").write("tmp/a", "1").rename("tmp", "out"),
    expected: {
      conditions: ["tmp: missing ~"],
      outputs: ["out", "out/a"],
      created: ["out", "out/a"],
    },
  },
  {
    name: "a directory that comes where a file was goes on with what is in it",
    run: ({ run }) =>
      run
        .write("new", "0")
        .rename("new", "old")
        .mkdir("dir")
        .write("dir/a", "1")
        .rename("dir", "new")
        .rename("new", "out"),
    expected: {
      conditions: ["dir: missing", "new: missing ~"],
      outputs: ["old", "out", "out/a"],
      created: ["old", "out", "out/a"],
    },
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
      put("node_modules/package/d", "0");
      put("c", "0");
    },
    run: ({ run }) => run.list(".").list("node_modules"),
    expected: { conditions: [": listing c node_modules", "node_modules: listing package"] },
  },
  {
    name: "a node_modules with nothing but tool caches in it does not count in a listing",
    before: ({ put }) => {
      put("node_modules/.vite/b", "0");
      put("c", "0");
    },
    run: ({ run }) => run.list(".").list("node_modules"),
    expected: { conditions: [": listing c", "node_modules: listing"] },
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
  {
    name: "a program that Go builds outside, starts and removes is its own work",
    context: { scratch: [temporary] },
    before: ({ put }) => put("../go-build1/other", ""),
    run: ({ run }) =>
      run.write("../go-build1/own", "x").execute("../go-build1/own").remove("../go-build1/own"),
    expected: {},
  },
  {
    name: "a program that a run puts outside, starts and removes may be a copy of another",
    context: { scratch: [temporary] },
    run: ({ run }) => run.write("../own", "x").execute("../own").remove("../own"),
    expected: { problem: "input-changed ../own" },
  },
  {
    name: "a program outside that a run starts, makes anew and removes was another",
    context: { scratch: [temporary] },
    before: ({ put }) => put("../own", "0"),
    run: ({ run }) => run.execute("../own").write("../own", "x").remove("../own"),
    expected: { problem: "input-changed ../own" },
  },
  {
    name: "a program outside that a run updates, starts and removes was there before",
    context: { scratch: [temporary] },
    before: ({ put }) => put("../own", "0"),
    run: ({ run }) => run.update("../own", "x").execute("../own").remove("../own"),
    expected: { problem: "input-changed ../own" },
  },
  {
    name: "a program outside that somebody else removed has changed",
    context: { scratch: [temporary] },
    run: ({ run }) => {
      run.write("../own", "x").execute("../own");
      unlinkSync(run.at("../own"));
    },
    expected: { problem: "input-changed ../own" },
  },
  {
    name: "a file that loses another of its names to the run is no change",
    before: ({ put, run }) => {
      put("a", "0");
      linkSync(run.at("a"), run.at("b"));
    },
    owned: ["b"],
    run: ({ run }) => run.read("a").remove("b"),
    expected: { conditions: ["a: file", "b: missing ~"], removed: ["b"] },
  },
  {
    name: "a file that loses another of its names to a rename of the run is no change",
    before: ({ put, run }) => {
      put("a", "0");
      linkSync(run.at("a"), run.at("b"));
    },
    run: ({ run }) => run.read("a").write("c", "1").rename("c", "b"),
    expected: { conditions: ["a: file", "c: missing ~"], outputs: ["b"] },
  },
  {
    name: "a file that loses another of its names to somebody else has changed",
    before: ({ put, run }) => {
      put("a", "0");
      linkSync(run.at("a"), run.at("b"));
    },
    run: ({ run }) => {
      run.read("a");
      unlinkSync(run.at("b"));
    },
    expected: { problem: "input-changed a" },
  },
  {
    name: "a file that loses another of its names to the run and is edited by somebody else has changed",
    before: ({ put, run }) => {
      put("a", "0");
      linkSync(run.at("a"), run.at("b"));
    },
    owned: ["b"],
    run: ({ put, run }) => {
      run.read("a").remove("b");
      put("a", "00");
    },
    expected: { problem: "input-changed a" },
  },
  {
    name: "an own file that the run changes by another of its names is its own work still",
    before: ({ put, run }) => {
      put("a", "0");
      linkSync(run.at("a"), run.at("b"));
    },
    owned: ["a", "b"],
    run: ({ run }) => run.read("a").chmod("b", 0o600),
    expected: {
      conditions: ["a: file ~", "b: file ~"],
      outputs: ["a", "b"],
      created: ["a", "b"],
    },
  },
  {
    name: "a file that the run reads and changes by another of its names is an overlap",
    before: ({ put, run }) => {
      put("a", "0");
      linkSync(run.at("a"), run.at("b"));
    },
    owned: ["b"],
    run: ({ run }) => run.read("a").update("b", "1"),
    expected: { problem: "overlap a" },
  },
  {
    name: "a place that any step may write to may be a link to elsewhere",
    before: ({ put, run }) => {
      put("../elsewhere/cache/old", "0");
      symlinkSync(run.at("../elsewhere/cache"), run.at("../cache"));
    },
    contextOf: ({ run }) => ({ scratch: [run.at("../cache")] }),
    run: ({ run }) => run.write("../cache/new", "1").write("../elsewhere/cache/old", "1"),
    expected: {},
  },
];
