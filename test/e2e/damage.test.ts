// A cache that is damaged on disk: the task still runs, and the cache is whole again afterwards.
import { Database } from "bun:sqlite";
import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { patience } from "../harness/vt.ts";
import { hit, openSteered } from "./steered.ts";

setDefaultTimeout(patience);

type Damage = { readonly what: string; readonly harm: (cache: string) => Promise<void> | void };

const damages: readonly Damage[] = [
  { what: "a directory in the place of an archive", harm: replaceArchive },
  { what: "a flipped bit in an archive", harm: archive(flipBit) },
  {
    what: "an archive that is cut in half",
    harm: archive((bytes) => bytes.subarray(bytes.length >> 1)),
  },
  { what: "an archive that is empty", harm: archive(() => Buffer.alloc(0)) },
  { what: "an archive of garbage", harm: archive(({ length }) => Buffer.alloc(length, "garbage")) },
  {
    what: "an entry that is cut in half",
    harm: sql("UPDATE entry SET content = substr(content, 1, length(content) / 2)"),
  },
  { what: "a text that is cut in half", harm: sql("UPDATE entry SET text = substr(text, 1, 9)") },
  {
    what: "records that hold text instead of bytes",
    harm: sql("UPDATE record SET value = 'text'"),
  },
  {
    what: "entries that hold text instead of bytes",
    harm: sql("UPDATE entry SET content = 'text'"),
  },
  { what: "a database that lost a table", harm: sql("DROP TABLE entry") },
  {
    what: "a database with a column of another name",
    harm: sql("ALTER TABLE entry RENAME COLUMN content TO contents"),
  },
  { what: "a database whose schema is unreadable", harm: spoilSchema },
];

test.each(damages)("with $what the task runs, and later runs hit", async ({ harm }) => {
  await using workspace = await openSteered();
  const copy = join(workspace.root, "made");
  await workspace.run("copy");
  expect(await workspace.run("copy")).toContain(hit);
  await rm(copy);
  await harm(join(workspace.root, "node_modules/.vt/v4"));
  const text = await workspace.run("copy");
  expect(text).toContain("\ncopied\n");
  expect(text).not.toContain("a bug in vt");
  expect(await workspace.read("made")).toBe("source\n");
  await workspace.run("copy");
  await rm(copy);
  expect(await workspace.run("copy")).toContain(hit);
  expect(await workspace.read("made")).toBe("source\n");
});

async function replaceArchive(cache: string): Promise<void> {
  const archives = (await readdir(cache)).filter((name) => name.endsWith(".tar.zst"));
  expect(archives.length).toBe(1);
  for (const name of archives) {
    await rm(join(cache, name));
    await mkdir(join(cache, name));
  }
}

function archive(spoil: (bytes: Buffer) => Buffer): Damage["harm"] {
  return async (cache) => {
    const archives = (await readdir(cache)).filter((name) => name.endsWith(".tar.zst"));
    expect(archives.length).toBe(1);
    for (const name of archives)
      await writeFile(join(cache, name), spoil(await readFile(join(cache, name))));
  };
}

function flipBit(bytes: Buffer): Buffer {
  const at = bytes.length >> 1;
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
  return flipped;
}

function sql(statement: string): Damage["harm"] {
  return (cache) => {
    using database = new Database(join(cache, "cache.db"));
    database.run(statement);
  };
}

/** Changes the first page, where the schema is, behind the header of 100 bytes. */
async function spoilSchema(cache: string): Promise<void> {
  await using file = await open(join(cache, "cache.db"), "r+");
  await file.write(new Uint8Array(900).fill(0x55), 0, 900, 100);
}
