import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import {
  type AbsolutePath,
  diskPath,
  inWorkspace,
  type WorkspacePath,
} from "../../src/base/path.ts";
import { decodePath } from "../../src/base/path-bytes.ts";
import { areMetConditions, type CheckContext, checkStored } from "../../src/cache/check.ts";
import type { StoredConditions } from "../../src/cache/conditions.ts";
import { decodeEntry, encodeEntry } from "../../src/cache/entry.ts";
import type { Condition, PathState, Tolerance } from "../../src/fingerprint/condition.ts";
import { Exclusions } from "../../src/fingerprint/exclusions.ts";
import { hashFile } from "../../src/fingerprint/hash-file.ts";
import { HashMemo } from "../../src/fingerprint/hash-memo.ts";
import { Tree } from "../../src/fingerprint/tree.ts";
import { unprovenStamp } from "../../src/native/stamp.ts";
import { statOne } from "../../src/native/stat-one.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

const path = (text: string): WorkspacePath => text as WorkspacePath;

/** Later than anything that a test has done. */
const later = (): number => Date.now() + 60_000;

function contextOf(root: AbsolutePath): CheckContext {
  const tree = new Tree(root, new HashMemo(Date.now));
  const isNever = (): boolean => false;
  return {
    tree,
    exclusions: new Exclusions(tree, undefined),
    isOwn: isNever,
    holdsOwnWork: isNever,
    isAsLeft: isNever,
  };
}

function store(conditions: readonly Condition[]): StoredConditions {
  const none = { declared: [], items: [], manifest: [], outputStamps: [], archive: undefined };
  const bytes = encodeEntry({
    ...none,
    inferred: conditions,
    created: new Set(),
    kept: new Set(),
  });
  return decodeEntry(bytes).inferred;
}

/** As a run saw it whose stamp is of no use by now. */
function fileAt(root: AbsolutePath, name: string): Condition {
  const hash = hashFile(inWorkspace(root, path(name)));
  if (hash === undefined) throw new Error(`${name} is there`);
  const state: PathState = { kind: "file", hash, isExecutable: false };
  return { path: path(name), state, tolerance: "exact", stamp: unprovenStamp };
}

test("files of any size hold after they were touched, and get the stamps of now", async () => {
  await using directory = await temporaryDirectory();
  const root = directory.path;
  mkdirSync(`${root}/é`);
  const sizes = [
    ...Array.from({ length: 1400 }, (_, size) => size),
    65_535,
    65_536,
    65_537,
    70_001,
  ];
  const conditions = sizes.map((size) => {
    const name = `${size % 3 === 0 ? "é/" : ""}${size}-${decodePath(Buffer.from([0xff]))}`;
    const content = Buffer.alloc(size, "a content of no special kind, but not the same all over");
    writeFileSync(diskPath(inWorkspace(root, path(name))), content);
    return fileAt(root, name);
  });
  const stored = store(conditions);
  expect(checkStored(stored, contextOf(root), later())).toEqual({
    kind: "unchanged",
    isFresh: true,
  });
  const now = conditions.map((condition) => ({
    ...condition,
    stamp: statOne(inWorkspace(root, condition.path)),
  }));
  expect([...stored]).toEqual(now);
  expect(checkStored(store(now), contextOf(root), later())).toEqual({
    kind: "unchanged",
    isFresh: false,
  });
});

test("the first file with another content is the change, however many were touched", async () => {
  await using directory = await temporaryDirectory();
  const root = directory.path;
  const names = Array.from({ length: 5000 }, (_, index) => String(10_000 + index));
  for (const name of names) writeFileSync(`${root}/${name}`, name);
  const conditions = names.map((name) => fileAt(root, name));
  writeFileSync(`${root}/14500`, "other");
  writeFileSync(`${root}/14600`, "14600+");
  const check = checkStored(store(conditions), contextOf(root), later());
  expect(check).toEqual({ kind: "changed", change: { kind: "modified", path: path("14500") } });
});

test("a file that many steps have read is as it is now, and not as one of them found it", async () => {
  await using directory = await temporaryDirectory();
  const root = directory.path;
  writeFileSync(`${root}/a`, "one");
  const conditions = [fileAt(root, "a")];
  expect(checkStored(store(conditions), contextOf(root), later()).kind).toBe("unchanged");
  expect(checkStored(store(conditions), contextOf(root), later()).kind).toBe("unchanged");
  writeFileSync(`${root}/a`, "two");
  utimesSync(`${root}/a`, 1, 1);
  expect(checkStored(store(conditions), contextOf(root), later()).kind).toBe("changed");
  expect(checkStored(store([fileAt(root, "a")]), contextOf(root), later()).kind).toBe("unchanged");
});

test("what came in the place of a file is not taken for it, though all files around it were touched", async () => {
  const changes: Readonly<Record<string, (at: string) => void>> = {
    link: (at) => symlinkSync("0000", at),
    folder: (at) => mkdirSync(at),
    pipe: (at) => expect(Bun.spawnSync(["mkfifo", at]).exitCode).toBe(0),
    nothing: () => undefined,
    program: (at) => writeFileSync(at, "content", { mode: 0o755 }),
    larger: (at) => writeFileSync(at, "content and more"),
    other: (at) => writeFileSync(at, "CONTENT"),
  };
  for (const [name, change] of Object.entries(changes)) {
    await using directory = await temporaryDirectory();
    const root = directory.path;
    const names = Array.from({ length: 1000 }, (_, index) => String(index).padStart(4, "0"));
    for (const file of names) writeFileSync(`${root}/${file}`, "content");
    const conditions = names.map((file) => fileAt(root, file));
    rmSync(`${root}/0500`);
    change(`${root}/0500`);
    const { kind } = checkStored(store(conditions), contextOf(root), later());
    expect({ name, kind }).toEqual({ name, kind: "changed" });
  }
});

test("files of which every other one was touched hold, and get the stamps of now", async () => {
  await using directory = await temporaryDirectory();
  const root = directory.path;
  const names = Array.from({ length: 1000 }, (_, index) => String(index).padStart(4, "0"));
  for (const file of names) writeFileSync(`${root}/${file}`, "content");
  const now = names.map((file) => {
    const condition = fileAt(root, file);
    return { ...condition, stamp: statOne(inWorkspace(root, condition.path)) };
  });
  const stored = store(
    now.map((condition, index) =>
      index % 3 === 0 ? condition : { ...condition, stamp: unprovenStamp },
    ),
  );
  const check = checkStored(stored, contextOf(root), later());
  expect(check).toEqual({ kind: "unchanged", isFresh: true });
  expect([...stored]).toEqual(now);
});

test("conditions of one kind with one tolerance are found without the others", () => {
  const stamp = unprovenStamp;
  const all = Object.values(states)
    .flat()
    .flatMap((state) =>
      tolerances.map((tolerance): Condition => ({ path: path("a"), state, tolerance, stamp })),
    );
  const stored = store(all);
  for (const { kind } of Object.values(states).flat())
    for (const tolerance of tolerances)
      expect([...stored.ofSort(kind, tolerance)]).toEqual(
        all.filter(
          (condition) => condition.state.kind === kind && condition.tolerance === tolerance,
        ),
      );
});

/** Of each kind; those of files are made where the files are. */
const states: { readonly [Kind in PathState["kind"]]: readonly PathState[] } = {
  missing: [{ kind: "missing" }],
  file: [],
  directory: [{ kind: "directory" }],
  other: [{ kind: "other" }],
  link: [
    { kind: "link", target: "file" },
    { kind: "link", target: "elsewhere" },
  ],
  listing: [
    { kind: "listing", entries: new Map() },
    { kind: "listing", entries: new Map([["name", "file"]]) },
  ],
  beyond: [{ kind: "beyond", hash: 1n }],
  git: [{ kind: "git", value: "none" }],
  tagged: [{ kind: "tagged" }],
};

const tolerances: readonly Tolerance[] = ["exact", "may-be-missing", "own-work"];

test("whatever stands at a path, a condition that was not decoded holds where it does when it is", async () => {
  await using directory = await temporaryDirectory();
  const root = directory.path;
  writeFileSync(`${root}/file`, "content");
  writeFileSync(`${root}/program`, "content");
  chmodSync(`${root}/program`, 0o755);
  writeFileSync(`${root}/empty`, "");
  mkdirSync(`${root}/folder`);
  writeFileSync(`${root}/folder/name`, "");
  mkdirSync(`${root}/hollow`);
  symlinkSync("file", `${root}/link`);
  symlinkSync("circle", `${root}/circle`);
  const files = ["file", "program", "empty"].flatMap((name): readonly PathState[] => {
    const { state } = fileAt(root, name);
    return state.kind === "file" ? [state, { ...state, isExecutable: true }] : [];
  });
  const names = [
    "",
    "file",
    "program",
    "empty",
    "folder",
    "folder/name",
    "hollow",
    "link",
    "circle",
  ];
  const nowhere = ["none", "file/below", "circle/below", "link/below", "../none"];
  for (const name of [...names, ...nowhere])
    for (const state of [...Object.values(states).flat(), ...files])
      for (const tolerance of tolerances)
        for (const stamp of [unprovenStamp, statOne(inWorkspace(root, path(name)))]) {
          const condition: Condition = { path: path(name), state, tolerance, stamp };
          const context = contextOf(root);
          const isMet = areMetConditions([condition], context);
          const check = checkStored(store([condition]), contextOf(root), later());
          expect({ condition, isMet: check.kind === "unchanged" }).toEqual({ condition, isMet });
        }
});

test("what stands at the paths is listed once, unless it is so young that it proves nothing", async () => {
  await using directory = await temporaryDirectory();
  const root = directory.path;
  for (const name of ["a", "b"]) writeFileSync(`${root}/${name}`, name);
  mkdirSync(`${root}/c`);
  const [a, b] = ["a", "b"].map((name) => fileAt(root, name));
  if (a === undefined || b === undefined) throw new Error("two files");
  const c: Condition = { ...a, path: path("c"), state: { kind: "directory" } };
  const stored = store([a, b, c]);
  checkStored(stored, contextOf(root), later());
  const stamps = ["a", "b"].map((name) => statOne(inWorkspace(root, path(name))));
  expect(stored.proven(later())).toEqual({
    count: 2,
    paths: Buffer.from("a\0b\0"),
    stamps: Buffer.concat(stamps),
  });
  expect(stored.provenAt(path("b"))).toEqual(stamps[1]);
  for (const name of ["", "a0", "c", "d"]) expect(stored.provenAt(path(name))).toBeUndefined();
  expect([...stored.holding()].map((condition) => condition.path)).toEqual([path("c")]);
  expect(stored.proven(0)).toBeUndefined();
  stored.prove(0);
  expect([...stored].map(({ stamp }) => stamp)).toEqual([
    unprovenStamp,
    unprovenStamp,
    unprovenStamp,
  ]);
  rmSync(`${root}/a`);
  expect(checkStored(stored, contextOf(root), later()).kind).toBe("changed");
});
