import { describe, expect, test } from "bun:test";
import { chmodSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { archivePath } from "../../src/archive/format.ts";
import { resolvePath, workspacePath } from "../../src/base/path.ts";
import { Sandbox, type Stored } from "./sandbox.ts";

/** A workspace whose outputs are stored: `dist/{a.js,b.js,link}`. */
async function storedSandbox(): Promise<{ sandbox: Sandbox; stored: Stored }> {
  const sandbox = new Sandbox();
  sandbox.file("src/input", "input");
  sandbox.file("dist/a.js", "a");
  sandbox.file("dist/b.js", "b", 0o755);
  sandbox.link("dist/link", "a.js");
  const stored = await sandbox.store(["dist", "dist/a.js", "dist/b.js", "dist/link"]);
  return { sandbox, stored };
}

test("only what is needed is written", async () => {
  const { sandbox, stored } = await storedSandbox();
  using held = sandbox;
  held.remove("dist/b.js");
  const before = statSync(held.at("dist/a.js"), { bigint: true });
  expect(await held.restore(stored)).toEqual({
    kind: "restored",
    paths: [workspacePath("dist/b.js")],
    edited: [],
  });
  const after = statSync(held.at("dist/a.js"), { bigint: true });
  expect([after.ino, after.ctimeNs]).toEqual([before.ino, before.ctimeNs]);
});

test("nothing needed, nothing written, and the archive is not missed", async () => {
  const { sandbox, stored } = await storedSandbox();
  using held = sandbox;
  const archiveDirectory = held.at("no");
  expect(await held.restore(stored, { archiveDirectory })).toEqual({
    kind: "restored",
    paths: [],
    edited: [],
  });
});

type Edit = [name: string, edit: (sandbox: Sandbox) => void, edited: string];
const edits: Edit[] = [
  ["another content", (s) => s.file("dist/a.js", "edited"), "dist/a.js"],
  ["another mode", (s) => chmodSync(s.at("dist/b.js"), 0o644), "dist/b.js"],
  ["a read-only file", (s) => s.file("dist/a.js", "edited", 0o444), "dist/a.js"],
  [
    "another target",
    (s) => {
      s.remove("dist/link");
      s.link("dist/link", "b.js");
    },
    "dist/link",
  ],
  ["a closed directory", (s) => chmodSync(s.at("dist"), 0o500), "dist"],
];

describe("what was edited is put right, and named", () => {
  test.each(edits)("%s", async (_, edit, path) => {
    const { sandbox, stored } = await storedSandbox();
    using held = sandbox;
    const before = held.picture();
    edit(held);
    const paths = [workspacePath(path)];
    expect(await held.restore(stored)).toEqual({ kind: "restored", paths, edited: paths });
    expect(held.picture()).toEqual(before);
  });
});

test("a link in place of a file is in the way, and what it leads to is left alone", async () => {
  const { sandbox, stored } = await storedSandbox();
  using held = sandbox;
  const outside = held.surroundings();
  held.remove("dist/a.js");
  held.link("dist/a.js", "../../root-evil/canary");
  const before = held.picture();
  const needed = stored.manifest.filter(({ path }) => path === "dist/a.js");
  expect(await held.restore(stored, { needed })).toEqual({
    kind: "blocked",
    path: workspacePath("dist/a.js"),
  });
  expect(held.picture()).toEqual(before);
  expect(held.surroundings()).toEqual(outside);
});

test("a directory keeps the group that its new entries inherit", async () => {
  const { sandbox, stored } = await storedSandbox();
  using held = sandbox;
  chmodSync(held.at("dist"), 0o2700);
  await held.restore(stored);
  expect(held.picture()["dist"]).toBe("directory 2755");
});

test("directories that were missing have the modes of the manifest, and hand on what their parent hands on", async () => {
  using sandbox = new Sandbox();
  sandbox.file("dist/open/a/file");
  sandbox.file("dist/closed/file");
  chmodSync(sandbox.at("dist/open/a"), 0o750);
  chmodSync(sandbox.at("dist/closed"), 0o555);
  const before = sandbox.picture();
  const stored = await sandbox.store();
  sandbox.remove("dist");
  expect((await sandbox.restore(stored)).kind).toBe("restored");
  expect(sandbox.picture()).toEqual(before);

  sandbox.remove("dist");
  chmodSync(sandbox.root, 0o2755);
  expect((await sandbox.restore(stored)).kind).toBe("restored");
  expect(sandbox.picture()).toMatchObject({
    dist: "directory 2755",
    "dist/open/a": "directory 2750",
    "dist/closed": "directory 2555",
  });
});

test("directories that the step did not make are made as anyone would make them", async () => {
  using sandbox = new Sandbox();
  sandbox.file("out/deep/file");
  const stored = await sandbox.store(["out/deep/file"]);
  sandbox.remove("out");
  const mask = process.umask(0o027);
  try {
    expect((await sandbox.restore(stored)).kind).toBe("restored");
  } finally {
    process.umask(mask);
  }
  expect(sandbox.picture()).toMatchObject({ out: "directory 750", "out/deep": "directory 750" });
});

type Block = [name: string, block: (sandbox: Sandbox) => void, path: string];
const blocks: Block[] = [
  [
    "a directory in place of a file",
    (s) => {
      s.remove("dist/b.js");
      s.file("dist/b.js/kept");
    },
    "dist/b.js",
  ],
  [
    "a pipe in place of a file",
    (s) => {
      s.remove("dist/b.js");
      Bun.spawnSync(["mkfifo", s.at("dist/b.js")]);
    },
    "dist/b.js",
  ],
  [
    "a directory in place of a link",
    (s) => {
      s.remove("dist/link");
      s.directory("dist/link");
    },
    "dist/link",
  ],
  [
    "a file in place of the parent",
    (s) => {
      s.remove("dist");
      s.file("dist");
    },
    "dist",
  ],
  [
    "a parent that is a link out of the workspace",
    (s) => {
      s.remove("dist");
      s.link("dist", "../root-evil");
    },
    "dist",
  ],
  [
    "a parent that is a link within the workspace",
    (s) => {
      s.remove("dist");
      s.link("dist", "src");
    },
    "dist",
  ],
];

describe("where something else stands in the way nothing at all is restored", () => {
  test.each(blocks)("%s", async (_, block, path) => {
    const { sandbox, stored } = await storedSandbox();
    using held = sandbox;
    held.file("dist/a.js", "edited");
    block(held);
    const [before, surroundings] = [held.picture(), held.surroundings()];
    const needed = stored.manifest;
    expect(await held.restore(stored, { needed })).toEqual({
      kind: "blocked",
      path: workspacePath(path),
    });
    expect(held.picture()).toEqual(before);
    expect(held.surroundings()).toEqual(surroundings);
  });
});

describe("nothing is restored over what is protected", () => {
  test.each(["dist/b.js", "dist"])("%s", async (path) => {
    const { sandbox, stored } = await storedSandbox();
    using held = sandbox;
    held.remove("dist");
    const before = held.picture();
    const protectedPaths = new Set([workspacePath(path)]);
    const outcome = await held.restore(stored, { protectedPaths });
    expect(outcome).toEqual({ kind: "blocked", path: workspacePath(path) });
    expect(held.picture()).toEqual(before);
  });
});

describe("what is wrong with the archive is said", () => {
  const cases: [name: string, damage: (archive: string) => void, detail: string][] = [
    ["missing", (archive) => renameSync(archive, `${archive}.away`), "its archive is missing"],
    ["empty", (archive) => writeFileSync(archive, ""), "it has 0 bytes"],
    [
      "garbage",
      (archive) => writeFileSync(archive, new Uint8Array(statSync(archive).size)),
      "wrong digest",
    ],
  ];
  test.each(cases)("%s", async (_, damage, detail) => {
    const { sandbox, stored } = await storedSandbox();
    using held = sandbox;
    held.remove("dist");
    const before = held.picture();
    damage(archiveOf(held, stored));
    expect(await held.restore(stored)).toEqual({ kind: "damaged", detail });
    expect(held.picture()).toEqual(before);
  });
});

test("without a place to stage nothing is restored, and the system's words say why", async () => {
  const { sandbox, stored } = await storedSandbox();
  using held = sandbox;
  held.remove("dist");
  const before = held.picture();
  const stagingDirectory = resolvePath(held.base, "missing");
  expect(await held.restore(stored, { stagingDirectory })).toEqual({
    kind: "failed",
    detail: "no such file or directory",
  });
  expect(held.picture()).toEqual(before);
});

test("many restores of the same outputs at once do no harm to each other", async () => {
  const { sandbox, stored } = await storedSandbox();
  using held = sandbox;
  const before = held.picture();
  held.remove("dist");
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => held.restore(stored)));
  expect(outcomes.map((outcome) => outcome.kind)).toEqual(Array(20).fill("restored"));
  expect(held.picture()).toEqual(before);
  expect(readdirSync(held.cache)).toHaveLength(1);
});

function archiveOf(sandbox: Sandbox, { archive }: Stored): string {
  if (archive === undefined) throw new Error("no archive");
  return archivePath(sandbox.cache, archive.digest);
}

test("an archive is an ordinary tar file in an ordinary zstd frame, its entries named by their rows", async () => {
  const { sandbox, stored } = await storedSandbox();
  using held = sandbox;
  const tar = Bun.zstdDecompressSync(readFileSync(archiveOf(held, stored)));
  const listed = Bun.spawnSync(["tar", "-tvf", "-"], { stdin: tar, env: { TZ: "UTC" } });
  expect(listed.stdout.toString()).toBe(
    [
      "-rw-r--r-- 0/0               1 1970-01-01 00:00 1\n",
      "-rw-r--r-- 0/0               1 1970-01-01 00:00 2\n",
    ].join(""),
  );
});
