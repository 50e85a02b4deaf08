import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  readdirSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
} from "node:fs";
import { archivePath } from "../../src/archive/format.ts";
import { outputBytesMax, outputsMax } from "../../src/archive/rules.ts";
import { digestOf } from "../../src/base/digest.ts";
import { directoryOf, resolvePath, workspacePath } from "../../src/base/path.ts";
import { noise, Sandbox } from "./sandbox.ts";

test("the manifest lists every output once, sorted by code unit", async () => {
  using sandbox = new Sandbox();
  sandbox.file("b", "content", 0o755);
  sandbox.directory("a");
  sandbox.link("Z", "b");
  const { manifest, stamps } = await sandbox.store(["b", "a", "Z", "a", "b"]);
  expect(manifest).toEqual([
    { kind: "link", path: workspacePath("Z"), target: "b" },
    { kind: "directory", path: workspacePath("a"), mode: 0o755 },
    { kind: "file", path: workspacePath("b"), size: 7, mode: 0o755, digest: digestOf("content") },
  ]);
  expect(stamps).toHaveLength(3);
});

test("equal contents give equal archives, whenever, wherever and by whomever they are made", async () => {
  using first = new Sandbox();
  using second = new Sandbox();
  for (const sandbox of [first, second]) {
    for (let index = 0; index < 300; index++) {
      sandbox.file(`dist/${index}`, `${index}`.repeat(20_000));
    }
  }
  utimesSync(second.at("dist/7"), 1, 1);
  chmodSync(second.at("dist/8"), 0o700);
  const archive = (await first.store()).archive;
  expect((await second.store()).archive).toEqual(archive);
  expect((await first.store()).archive).toEqual(archive);
  expect(Object.keys(first.surroundings())).toEqual(["canary", `${archive?.digest}.tar.zst`]);
});

test("an archive is named by the digest of its bytes, and only its owner can read it", async () => {
  using sandbox = new Sandbox();
  sandbox.file("a");
  const { archive } = await sandbox.store();
  if (archive === undefined) throw new Error("no archive");
  const path = archivePath(sandbox.cache, archive.digest);
  const bytes = await Bun.file(path).bytes();
  expect({ digest: digestOf(bytes), size: bytes.length }).toEqual(archive);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a new archive takes the place of a damaged one of the same name", async () => {
  using sandbox = new Sandbox();
  sandbox.file("a", "content");
  const { archive } = await sandbox.store();
  if (archive === undefined) throw new Error("no archive");
  const path = archivePath(sandbox.cache, archive.digest);
  await Bun.write(path, new Uint8Array(archive.size));
  await sandbox.store();
  expect(digestOf(await Bun.file(path).bytes())).toBe(archive.digest);
});

type Refusal = [name: string, prepare: (sandbox: Sandbox) => void, what: string];
const refusals: Refusal[] = [
  ["a pipe", (s) => void Bun.spawnSync(["mkfifo", s.at("x")]), "a pipe, a socket or a device"],
  ["an absolute link", (s) => s.link("x", s.at("a")), "a link to an absolute path"],
  ["a link out", (s) => s.link("x", "../root-evil"), "a link that leads out of the workspace"],
  ["a path in .git", (s) => s.file("x/.git/config"), "a path in .git"],
  [
    "a file behind a link",
    (s) => {
      s.file("real/file");
      s.link("x", "real");
    },
    "behind 'x', which is no directory",
  ],
];

describe("an output that could not be put back is refused, and nothing is stored", () => {
  test.each(refusals)("%s", async (name, prepare, what) => {
    using sandbox = new Sandbox();
    sandbox.file("a");
    prepare(sandbox);
    const surroundings = sandbox.surroundings();
    const within: Record<string, string> = {
      "a path in .git": "x/.git/config",
      "a file behind a link": "x/file",
    };
    const path = workspacePath(within[name] ?? "x");
    expect(await sandbox.create(["a", path])).toEqual({ kind: "output-unsupported", path, what });
    expect(sandbox.surroundings()).toEqual(surroundings);
  });
});

test("a file that may not be read is refused", async () => {
  using sandbox = new Sandbox();
  sandbox.file("a", "a", 0o200);
  using _ = asOrdinaryUser(sandbox);
  expect(await sandbox.create()).toEqual({
    kind: "output-unsupported",
    path: workspacePath("a"),
    what: "not readable (permission denied)",
  });
});

test("a file beyond the limit is too large", async () => {
  using sandbox = new Sandbox();
  sandbox.file("a");
  sandbox.file("huge");
  truncateSync(sandbox.at("huge"), outputBytesMax + 1);
  const path = workspacePath("huge");
  expect(await sandbox.create()).toEqual({ kind: "output-too-large", path });
});

test("outputs beyond the limit are too many", async () => {
  using sandbox = new Sandbox();
  const paths = Array.from({ length: outputsMax + 1 }, (_, index) => `${index}`);
  expect(await sandbox.create(paths)).toEqual({ kind: "too-many-outputs", count: paths.length });
});

test("an output that is gone has changed", async () => {
  using sandbox = new Sandbox();
  sandbox.file("a");
  const path = workspacePath("gone");
  expect(await sandbox.create(["a", "gone"])).toEqual({ kind: "output-changed", path });
});

type Change = [name: string, change: (sandbox: Sandbox) => void];
const changes: Change[] = [
  ["it grows", (s) => appendFileSync(s.at("z"), "more")],
  ["it shrinks", (s) => truncateSync(s.at("z"), 10)],
  ["it is rewritten", (s) => s.file("z", "y".repeat(5_000_000))],
  ["it is removed", (s) => s.remove("z")],
  ["its mode changes", (s) => chmodSync(s.at("z"), 0o755)],
  [
    "a link takes its place",
    (s) => {
      renameSync(s.at("z"), `${s.outside}/z`);
      s.link("z", "../root-evil/z");
    },
  ],
  [
    "a pipe takes its place",
    (s) => {
      s.remove("z");
      Bun.spawnSync(["mkfifo", s.at("z")]);
    },
  ],
];

describe("an output that changes while it is put away is noticed, and nothing is stored", () => {
  test.each(changes)("%s", async (_, change) => {
    using sandbox = new Sandbox();
    sandbox.file("a", "x".repeat(5_000_000));
    sandbox.file("z", "x".repeat(5_000_000));
    const creating = sandbox.create(["a", "z"]);
    // By now every output has been looked at, and none has been read.
    change(sandbox);
    expect(await creating).toEqual({ kind: "output-changed", path: workspacePath("z") });
    expect(readdirSync(sandbox.cache)).toEqual([]);
  });
});

describe("so is one that changes while it is being read", () => {
  const cases: Change[] = [
    ["it grows", (s) => appendFileSync(s.at("z"), "more")],
    ["it shrinks", (s) => truncateSync(s.at("z"), 10)],
  ];
  test.each(cases)("%s", async (_, change) => {
    using sandbox = new Sandbox();
    sandbox.file("z", noise(48 * 1024 ** 2));
    const creating = sandbox.create();
    while (!hasBegun(sandbox)) await Bun.sleep(0);
    change(sandbox);
    expect(await creating).toEqual({ kind: "output-changed", path: workspacePath("z") });
    expect(readdirSync(sandbox.cache)).toEqual([]);
  });
});

/** Whether compressed bytes have been written, which is long before the last byte was read. */
function hasBegun({ cache }: Sandbox): boolean {
  return readdirSync(cache).some((name) => statSync(resolvePath(cache, name)).size > 0);
}

test("what other steps put into a directory does not change it", async () => {
  using sandbox = new Sandbox();
  sandbox.file("dist/a");
  const creating = sandbox.create();
  sandbox.file("dist/b");
  expect((await creating).kind).toBe("created");
});

test("a directory for archives that is not there is trouble with the cache, in the system's words", async () => {
  using sandbox = new Sandbox();
  sandbox.file("a", "x".repeat(5_000_000));
  const directory = resolvePath(sandbox.base, "missing");
  const paths = [workspacePath("a")];
  expect(await sandbox.create(paths, directory)).toEqual({
    kind: "cache-trouble",
    detail: "no such file or directory",
  });
});

const nobody = 65_534;

/** The superuser may read everything; as one, become nobody for a while. */
function asOrdinaryUser({ base, root, cache }: Sandbox): Disposable {
  if (process.getuid?.() !== 0) return { [Symbol.dispose]: () => undefined };
  for (const path of [base, root, cache]) chownSync(path, nobody, nobody);
  chmodSync(directoryOf(base), 0o711);
  process.seteuid?.(nobody);
  return {
    [Symbol.dispose]: () => {
      process.seteuid?.(0);
      chmodSync(directoryOf(base), 0o700);
    },
  };
}
