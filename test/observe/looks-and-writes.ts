import { mkdirSync, unlinkSync } from "node:fs";
import { workspacePath } from "../../src/base/path.ts";
import type { Case } from "./case.ts";

/** What a run reads and writes. */
export const looksAndWrites: readonly Case[] = [
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
    name: "a directory that was to be emptied, was not there and was made must hold own work only",
    run: ({ run }) => run.list("dist").mkdir("dist").write("dist/a", "1"),
    expected: {
      conditions: ["dist: listing ~"],
      outputs: ["dist", "dist/a"],
      created: ["dist", "dist/a"],
    },
  },
  {
    name: "a directory whose mode the run changed before it listed it must keep its entries",
    before: ({ put }) => put("d/a", "0"),
    run: ({ run }) => run.chmod("d", 0o755).list("d"),
    expected: { conditions: ["d: listing a"], outputs: ["d"] },
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
    name: "a listed directory must keep an entry that was written over and ends as it began",
    before: ({ put }) => put("d/a", "same"),
    overlapped: ["d/a"],
    run: ({ run }) => run.list("d").read("d/a").write("d/a", "same").write("d/b", "new"),
    expected: {
      conditions: ["d: listing a ?", "d/a: file"],
      outputs: ["d/b"],
      created: ["d/b"],
    },
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
    name: "what is no input, but was read and written, must be as it was left, or it would be put back",
    before: ({ put }) => put("a", "0"),
    context: { isDissolved: () => true, countsAsInput: () => false },
    run: ({ run }) => run.read("a").write("a", "1"),
    expected: { conditions: ["a: file"], outputs: ["a"] },
  },
  {
    name: "what could not be made for want of a directory depends on that directory",
    run: ({ run }) => run.writeInVain("out/log"),
    expected: { conditions: ["out: missing", "out/log: missing"] },
  },
  {
    name: "so it does where nobody learns that it could not be made",
    run: ({ run }) => run.writeInVain("out/log").withoutResults(),
    expected: { conditions: ["out: missing", "out/log: missing"] },
  },
  {
    name: "what could not be moved for want of a directory depends on that directory",
    before: ({ put }) => put("a", "0"),
    run: ({ run }) => run.renameInVain("a", "out/a"),
    expected: { conditions: ["a: file", "out: missing", "out/a: missing"] },
  },
  {
    name: "where a file stands in place of a directory, what could not be made depends on the file",
    before: ({ put }) => put("out", "0"),
    run: ({ run }) => run.writeInVain("out/log"),
    expected: { conditions: ["out: file", "out/log: missing"] },
  },
  {
    name: "a directory that somebody made after something could not be made in it is noticed",
    run: ({ run }) => {
      run.writeInVain("out/log");
      mkdirSync(run.at("out"));
    },
    expected: { problem: "input-changed out" },
  },
  {
    name: "a directory that the run made after it had missed it is its own",
    run: ({ run }) => run.writeInVain("out/log").mkdir("out").write("out/log", "1"),
    expected: {
      conditions: ["out: directory ?", "out/log: file ~"],
      outputs: ["out", "out/log"],
      created: ["out", "out/log"],
    },
  },
  {
    name: "a directory whose mode the run changed must be there next time",
    before: ({ put }) => put("d/a", "0"),
    run: ({ run }) => run.chmod("d", 0o755),
    expected: { conditions: ["d: directory"], outputs: ["d"] },
  },
  {
    name: "a directory that was there, and that the run cleared away, must be missing next time",
    before: ({ put }) => put("d/a", "0"),
    run: ({ run }) => run.list("d").remove("d/a").remove("d"),
    expected: { conditions: ["d: missing"] },
  },
  {
    name: "what is written depends on the directory that it is written to",
    before: ({ put }) => put("out/theirs", "0"),
    run: ({ run }) => run.write("out/a", "1"),
    expected: { conditions: ["out: directory"], outputs: ["out/a"], created: ["out/a"] },
  },
  {
    name: "what is removed and made again depends on its directory, too",
    before: ({ put }) => {
      put("out/theirs", "0");
      put("out/a", "0");
    },
    run: ({ run }) => run.remove("out/a").write("out/a", "1"),
    expected: { conditions: ["out: directory"], outputs: ["out/a"] },
  },
  {
    name: "what was looked for through a link before the run changed that is known to nobody",
    before: ({ put }) => {
      put("one/a", "0");
      put("two/a", "0");
    },
    run: ({ run }) => run.link("way", "one").probe("way/b").remove("way").link("way", "two"),
    expected: { problem: "link-changed way" },
  },
  {
    name: "what was looked for through a link of the step's own lies where that led before the run",
    before: ({ put, run }) => {
      put("one/a", "0");
      put("two/a", "0");
      run.link("way", "one");
      run.accesses.length = 0;
    },
    owned: ["way"],
    context: { linkTexts: new Map([[workspacePath("way"), "one"]]) },
    run: ({ run }) => run.probe("way/b").remove("way").link("way", "two"),
    expected: {
      conditions: ["one/b: missing", "way: link ~"],
      outputs: ["way"],
      created: ["way"],
    },
  },
  {
    name: "what was looked for through the step's own link lies where that led before its directory was moved",
    before: ({ put, run }) => {
      put("one/a", "0");
      run.mkdir("old").link("old/way", "../one");
      run.accesses.length = 0;
    },
    owned: ["old", "old/way"],
    context: { linkTexts: new Map([[workspacePath("old/way"), "../one"]]) },
    run: ({ run }) => run.probe("old/way/b").rename("old", "new"),
    expected: {
      conditions: ["old: missing ~", "old/way: missing ~", "one/b: missing"],
      outputs: ["new", "new/way"],
      created: ["new", "new/way"],
      removed: ["old", "old/way"],
    },
  },
  {
    name: "what was looked for through the step's own link while its directory lay elsewhere is known to nobody",
    before: ({ put, run }) => {
      put("one/a", "0");
      run.mkdir("old").link("old/way", "../one");
      run.accesses.length = 0;
    },
    owned: ["old", "old/way"],
    context: { linkTexts: new Map([[workspacePath("old/way"), "../one"]]) },
    run: ({ run }) => run.rename("old", "new").probe("new/way/b").rename("new", "old"),
    expected: { problem: "link-changed new/way" },
  },
  {
    name: "a directory of the step's own takes what is in it along, and what is removed there was the step's own",
    before: ({ put }) => {
      put("out/a", "0");
      put("out/in/b", "0");
    },
    owned: ["out", "out/a", "out/in", "out/in/b"],
    run: ({ run }) =>
      run
        .mkdir("new")
        .write("new/a", "1")
        .rename("out", "old")
        .rename("new", "out")
        .list("old")
        .remove("old/a")
        .list("old/in")
        .remove("old/in/b")
        .remove("old/in")
        .remove("old"),
    expected: {
      conditions: [
        ...["new: missing", "old: missing ~", "out: listing ~", "out/a: file ~"],
        ...["out/in: missing ~", "out/in/b: missing ~"],
      ],
      outputs: ["out", "out/a"],
      created: ["out", "out/a"],
      removed: ["out/in", "out/in/b"],
    },
  },
  {
    name: "what somebody else put into a directory of the step's own is not the step's to remove, wherever it was moved",
    before: ({ put }) => {
      put("out/a", "0");
      put("out/theirs", "0");
    },
    owned: ["out", "out/a"],
    run: ({ run }) =>
      run.rename("out", "old").list("old").remove("old/a").remove("old/theirs").remove("old"),
    expected: { problem: "removed-foreign old/theirs" },
  },
  {
    name: "what was looked for through the step's own link in a directory that was moved and removed is known to nobody",
    before: ({ put, run }) => {
      put("one/a", "0");
      run.mkdir("old").link("old/way", "../one");
      run.accesses.length = 0;
    },
    owned: ["old", "old/way"],
    context: { linkTexts: new Map([[workspacePath("old/way"), "../one"]]) },
    run: ({ run }) => run.rename("old", "new").probe("new/way/b").remove("new/way").remove("new"),
    expected: { problem: "link-changed new/way" },
  },
  {
    name: "a link is followed from the moment on at which it was made",
    before: ({ put }) => put("one/a", "0"),
    run: ({ run }) => run.probe("way").link("way", "one").probe("way/b"),
    expected: { conditions: ["one/b: missing", "way: link ~"], outputs: ["way"], created: ["way"] },
  },
];
