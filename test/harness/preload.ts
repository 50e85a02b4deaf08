// Loaded before every test file. Gives the tests a temporary directory and a umask of their own, and
// fails a test that leaves a child process or a temporary directory behind.
import { afterAll, afterEach, beforeEach } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { remainder } from "./wait.ts";

const directory = mkdtempSync(join(realpathSync(tmpdir()), "vt-test-"));
process.env["TMPDIR"] = directory;
process.umask(0o022);

let before: { readonly children: readonly string[]; readonly files: readonly string[] };

beforeEach(() => {
  before = { children: children(), files: readdirSync(directory) };
});

afterEach(async () => {
  const processes = await remainder(() => newSince(before.children, children()));
  const files = newSince(before.files, readdirSync(directory));
  if (processes.length > 0) throw new Error(`left running: ${processes.map(describe).join(", ")}`);
  if (files.length > 0) throw new Error(`left in ${directory}: ${files.join(", ")}`);
});

// Not recursive: whatever is still in it has been reported, and is wanted to see why.
afterAll(() => rmdirSync(directory));

function newSince(old: readonly string[], now: readonly string[]): readonly string[] {
  return now.filter((item) => !old.includes(item));
}

/** Ids of this process's living children. Knows of none where there is no /proc. */
function children(): readonly string[] {
  if (process.platform !== "linux") return [];
  const threads = readdirSync("/proc/self/task");
  return threads
    .flatMap((id) => readIfThere(`/proc/self/task/${id}/children`).split(" "))
    .filter((id) => id !== "" && !/^State:\s+Z/m.test(readIfThere(`/proc/${id}/status`)));
}

function describe(id: string): string {
  return `${id} ${readIfThere(`/proc/${id}/cmdline`).replaceAll("\0", " ")}`.trim();
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // The thread or process ended between the listing and the look.
  }
}
