import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { UserError } from "../../src/base/error.ts";
import { Cache } from "../../src/cache/cache.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { waitFor } from "../harness/wait.ts";

function open(root: Parameters<typeof Cache.open>[0]["root"], environment = {}) {
  const warnings: string[] = [];
  const cache = Cache.open({
    root,
    environment,
    now: () => 1_000,
    warn: (text) => warnings.push(text),
  });
  return { cache, warnings };
}

function put(cache: Cache, value: string): void {
  cache.attempt((database) =>
    database.setRecord("step", "id", { usedMs: 1, value: Buffer.from(value) }),
  );
}

function get(cache: Cache): string | undefined {
  return cache.attempt((database) => database.record("step", "id"))?.toString();
}

test("what is written is there for the next vt", async () => {
  await using directory = await temporaryDirectory();
  {
    using cache = open(directory.path).cache;
    put(cache, "value");
  }
  using cache = open(directory.path).cache;
  expect(get(cache)).toBe("value");
});

function hasOpen(pid: number, name: string): boolean {
  const descriptors = `/proc/${pid}/fd`;
  return readdirSync(descriptors).some((descriptor) => {
    try {
      return readlinkSync(join(descriptors, descriptor)).endsWith(`/${name}`);
    } catch {
      return false; // Closed meanwhile.
    }
  });
}

test("a database that another vt is just creating is waited for", async () => {
  await using directory = await temporaryDirectory();
  const file = JSON.stringify(`${directory.path}/cache.db`);
  const start = (program: string) =>
    Bun.spawn([process.execPath, "-e", program], {
      stdio: ["pipe", "pipe", "inherit"],
    });
  await using creating = start(`
    const db = new (await import("bun:sqlite")).Database(${file}, { create: true });
    db.run("PRAGMA busy_timeout = 10000");
    db.run("BEGIN IMMEDIATE");
    console.log("creating");
    for await (const _ of console) break;
    db.run("COMMIT");`);
  const created = creating.stdout.getReader();
  await created.read();
  await using opening = start(`
    const { CacheDatabase } = await import(${JSON.stringify(join(import.meta.dir, "../../src/cache/database.ts"))});
    using db = CacheDatabase.open(${file});
    db.setRecord("step", "id", { usedMs: 1, value: Buffer.from("value") });`);
  await waitFor(
    "the second to open the file",
    () => opening.exitCode !== null || hasOpen(opening.pid, "cache.db"),
  );
  creating.stdin.write("done\n");
  creating.stdin.end();
  expect(await opening.exited).toBe(0);
  expect(await creating.exited).toBe(0);
});

for (const [name, damage] of [
  ["garbage", () => Buffer.from("this is no database".repeat(1000))],
  ["cut in half", (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
  ["empty", () => Buffer.alloc(0)],
] as const) {
  test(`a database that is ${name} is put aside or begun anew, and the cache goes on`, async () => {
    await using directory = await temporaryDirectory();
    const file = `${directory.path}/node_modules/.vt/v4/cache.db`;
    {
      using cache = open(directory.path).cache;
      put(cache, "x".repeat(100_000));
    }
    writeFileSync(file, damage(readFileSync(file)));
    const { cache, warnings } = open(directory.path);
    using _ = cache;
    get(cache);
    put(cache, "new");
    expect(get(cache)).toBe("new");
    expect(warnings.length).toBe(name === "empty" ? 0 : 1);
    const names = readdirSync(`${directory.path}/node_modules/.vt/v4`);
    expect(names.includes("cache.db.corrupt-1000")).toBe(name !== "empty");
  });
}

test("a record that was tampered with is unusable, and told once", async () => {
  await using directory = await temporaryDirectory();
  const { cache, warnings } = open(directory.path);
  using _ = cache;
  put(cache, "value");
  {
    using db = new Database(`${directory.path}/node_modules/.vt/v4/cache.db`);
    db.run("UPDATE record SET value = substr(value, 1, 10)");
  }
  expect(get(cache)).toBeUndefined();
  expect(get(cache)).toBeUndefined();
  expect(warnings).toHaveLength(1);
});

test("a cache directory elsewhere keeps itself out of git and of backups", async () => {
  await using directory = await temporaryDirectory();
  using _ = open(directory.path, { VT_CACHE_DIR: ".cache/vt" }).cache;
  expect(readFileSync(`${directory.path}/.cache/vt/v4/.gitignore`, "utf8")).toBe("*\n");
  expect(existsSync(`${directory.path}/.cache/vt/v4/CACHEDIR.TAG`)).toBe(true);
});

test("a path that cannot be a directory costs a warning and no more", async () => {
  await using directory = await temporaryDirectory();
  writeFileSync(`${directory.path}/file`, "");
  const { cache, warnings } = open(directory.path, { VT_CACHE_DIR: "file" });
  using _ = cache;
  expect(get(cache)).toBeUndefined();
  expect(cache.canWrite).toBe(false);
  expect(warnings).toHaveLength(1);
});

test("VT_CACHE=off opens nothing and creates nothing", async () => {
  await using directory = await temporaryDirectory();
  using cache = open(directory.path, { VT_CACHE: "off" }).cache;
  expect(cache.canWrite).toBe(false);
  expect(readdirSync(directory.path)).toEqual([]);
});

test("VT_CACHE=read reads what is there and writes nothing", async () => {
  await using directory = await temporaryDirectory();
  {
    using cache = open(directory.path).cache;
    put(cache, "value");
  }
  using cache = open(directory.path, { VT_CACHE: "read" }).cache;
  expect(get(cache)).toBe("value");
  expect(cache.canWrite).toBe(false);
});

test("any other value of VT_CACHE is an error that says what is expected", async () => {
  await using directory = await temporaryDirectory();
  try {
    open(directory.path, { VT_CACHE: "yes" });
    expect.unreachable();
  } catch (error) {
    const { code, message } = error as UserError;
    expect(code).toBe("cache-invalid");
    expect(message).toBe('VT_CACHE is "yes", expected off, read or read-write');
  }
});

test("twenty processes that create a cache at once all succeed", async () => {
  await using directory = await temporaryDirectory();
  mkdirSync(`${directory.path}/node_modules`);
  chmodSync(`${directory.path}/node_modules`, 0o755);
  const program = `
    const { Cache } = await import("${import.meta.dir}/../../src/cache/cache.ts");
    using cache = Cache.open({ root: "${directory.path}", environment: {}, now: () => 1, warn: (text) => { throw new Error(text) } });
    for (let round = 0; round < 20; round += 1)
      if (cache.attempt((database) => { database.setRecord("step", String(process.pid + round), { usedMs: 1, value: Buffer.from("x") }); return "done"; }) !== "done") process.exit(1);
  `;
  const children = Array.from({ length: 20 }, () =>
    Bun.spawn([process.execPath, "-e", program], { stdout: "ignore", stderr: "pipe" }),
  );
  const codes = await Promise.all(children.map(({ exited }) => exited));
  expect(codes).toEqual(codes.map(() => 0));
});
