// What lies in the cache directory, and what is left alone there.
import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { patience, runVt } from "../harness/vt.ts";
import type { Workspace } from "../harness/workspace.ts";
import { hit, openSteered, type Steered } from "./steered.ts";

setDefaultTimeout(patience);

test("nothing that is kept of a result names the directory of the workspace", async () => {
  await using workspace = await openSteered();
  await workspace.run("copy");
  await workspace.run("show");
  const cache = join(workspace.root, "node_modules/.vt/v4");
  const names = await readdir(cache);
  expect(names).toContain("cache.db");
  for (const name of names) {
    const bytes = await readFile(join(cache, name));
    const plain = name.endsWith(".zst") ? Bun.zstdDecompressSync(bytes) : bytes;
    expect({ name, isFound: plain.includes(workspace.root) }).toEqual({ name, isFound: false });
  }
});

test("an argument that names the directory of the workspace is the same in another checkout", async () => {
  await using workspace = await openSteered();
  const show = async (checkout: Workspace): Promise<string> =>
    (await runVt(checkout, ["run", "show", "--", `${checkout.root}/source`])).text;
  expect(await show(workspace)).not.toContain(hit);
  const other = await workspace.checkOutAgain("elsewhere");
  expect(await show(other)).toContain(hit);
  await writeFile(join(other.root, "source"), "elsewhere\n");
  expect(await show(other)).toContain("\nelsewhere\n");
});

test("checkouts that share a cache get each other's results, and lose nothing of their own", async () => {
  await using workspace = await openSteered();
  await workspace.run("show");
  const other = await workspace.checkOutAgain("elsewhere");
  const environment = { VT_CACHE_DIR: join(workspace.home, "shared") };
  const make = async ({ root }: Workspace, names: string): Promise<string> => {
    await writeFile(join(root, "names"), names);
    const { exitCode, text } = await runVt({ ...workspace, root }, ["run", "names"], {
      environment,
    });
    expect({ exitCode, text }).toEqual({ exitCode: 0, text });
    return text;
  };
  const made = async ({ root }: Workspace): Promise<string[]> =>
    (await readdir(join(root, "out"))).sort();
  await make(workspace, "a b");
  await mkdir(join(other.root, "out"));
  await writeFile(join(other.root, "out/b"), "mine\n");
  expect(await make(other, "a c")).not.toContain(hit);
  expect(await make(workspace, "a c")).toContain(hit);
  expect((await made(workspace)).filter((name) => name !== "b")).toEqual(["a", "c"]);
  expect(await make(other, "a c")).toContain(hit);
  expect(await made(other)).toEqual(["a", "b", "c"]);
  expect(await readFile(join(other.root, "out/b"), "utf8")).toBe("mine\n");
  expect(await make(workspace, "a b")).toContain(hit);
  expect(await make(other, "a c")).toContain(hit);
  expect(await made(other)).toEqual(["a", "b", "c"]);
  expect(await readFile(join(other.root, "out/b"), "utf8")).toBe("mine\n");
});

test.each([
  ["in a place that takes no directory", () => "/proc/nowhere", "E[A-Z]+"],
  ["below a file", (root: string) => join(root, "source", "cache"), "E[A-Z]+"],
])("a cache %s is named, with what to do, and the task runs", async (_, place, errno) => {
  await using workspace = await openSteered();
  const directory = place(workspace.root);
  const { exitCode, text } = await runVt(workspace, ["run", "show"], {
    environment: { VT_CACHE_DIR: directory },
  });
  expect({ exitCode, text }).toEqual({ exitCode: 0, text });
  expect(text).toMatch(
    new RegExp(
      `warning: .+: the directory ${directory}/v\\d+ cannot be made \\(${errno}\\): set VT_CACHE_DIR to one that vt may write to\n`,
    ),
  );
});

/** Two checkouts of one workspace, whose vt share a cache. */
async function openCheckouts(workspace: Steered) {
  await workspace.run("show");
  const other = await workspace.checkOutAgain("elsewhere");
  const environment = { VT_CACHE_DIR: join(workspace.home, "shared") };
  const open = ({ root }: Workspace) => ({
    root,
    write: (path: string, text: string) => writeFile(join(root, path), text),
    run: async (task: string): Promise<string> => {
      const { exitCode, text } = await runVt({ ...workspace, root }, ["run", task], {
        environment,
      });
      expect({ exitCode, text }).toEqual({ exitCode: 0, text });
      return text;
    },
  });
  return [open(workspace), open(other)] as const;
}

test("a file that another put where a step had its output in another checkout stays, whatever is in it", async () => {
  await using workspace = await openSteered();
  const [here, there] = await openCheckouts(workspace);
  type Checkout = typeof here;
  const make = async ({ write, run }: Checkout, names: string): Promise<string> => {
    await write("names", names);
    return await run("names");
  };
  const made = async ({ root }: Checkout): Promise<string[]> =>
    (await readdir(join(root, "out"))).sort();
  await make(here, "a b");
  await rm(join(here.root, "out"), { recursive: true });
  await make(here, "a c");
  expect(await make(here, "a b")).toContain(hit);
  expect(await made(here)).toEqual(["a", "b"]);
  await mkdir(join(there.root, "out"));
  await there.write("out/b", "b\n");
  expect(await make(there, "a c")).toContain(hit);
  expect(await made(there)).toEqual(["a", "b", "c"]);
  expect(await make(there, "a b")).toContain(hit);
  expect(await made(there)).toEqual(["a", "b"]);
  expect(await make(here, "a c")).toContain(hit);
  expect(await made(here)).toEqual(["a", "c"]);
  expect(await make(there, "a c")).toContain(hit);
  expect(await made(there)).toEqual(["a", "b", "c"]);
});

test("what a step made in one checkout is not its own in another, though it is the same", async () => {
  await using workspace = await openSteered();
  const [here, there] = await openCheckouts(workspace);
  await here.run("gather");
  const content = await readFile(join(here.root, "gathered"), "utf8");
  await there.write("gathered", content);
  await there.write("source", "more\n");
  expect(await there.run("gather")).toContain("modified its inputs");
  await here.write("source", "more\n");
  expect(await here.run("gather")).not.toContain("modified its inputs");
});

test("a step's own work stays its own when the workspace is moved", async () => {
  await using workspace = await openSteered();
  const [here] = await openCheckouts(workspace);
  await here.run("gather");
  const moved = { ...workspace, root: join(workspace.root, "../moved") };
  await rename(workspace.root, moved.root);
  await writeFile(join(moved.root, "source"), "more\n");
  const environment = { VT_CACHE_DIR: join(workspace.home, "shared") };
  const { text } = await runVt(moved, ["run", "gather"], { environment });
  expect(text).not.toContain("modified its inputs");
  expect(text).not.toContain(hit);
});

test("caches of earlier and later versions of vt are left alone", async () => {
  await using workspace = await openSteered();
  const others = ["v1", "v99"].map((version) =>
    join(workspace.root, "node_modules/.vt", version, "cache.db"),
  );
  for (const other of others) {
    await mkdir(join(other, ".."), { recursive: true });
    await writeFile(other, "another layout");
  }
  await workspace.run("copy");
  expect(await workspace.run("copy")).toContain(hit);
  for (const other of others) expect(await readFile(other, "utf8")).toBe("another layout");
});
