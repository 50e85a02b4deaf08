// What is answered before the rest of vt is loaded.
import { expect, setDefaultTimeout, test } from "bun:test";
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { helpText } from "../../src/cli/help.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { patience, vtPath } from "../harness/vt.ts";

setDefaultTimeout(patience);

test.each(["--help", "--version"])("%s is appended to a file that has text in it", async (flag) => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "text");
  await writeFile(path, "before\n");
  const file = await open(path, "a");
  const exitCode = await Bun.spawn([vtPath, flag], { stdio: ["ignore", file.fd, "ignore"] }).exited;
  await file.close();
  const text = await readFile(path, "utf8");
  expect(exitCode).toBe(0);
  expect(text).toMatch(flag === "--help" ? `before\n${helpText("vt")}` : /^before\nvt \d.*\n$/);
});

test("--help into a file that is full is a warning", async () => {
  const file = await open("/dev/full", "w");
  const child = Bun.spawn([vtPath, "--help"], { stdio: ["ignore", file.fd, "pipe"] });
  const [text, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  await file.close();
  expect({ text, exitCode }).toEqual({
    text: "warning: cannot write to stdout (ENOSPC); its text is lost\n",
    exitCode: 0,
  });
});

test("--help into a pipe that nobody reads any more ends well", async () => {
  const shell = ["sh", "-c", '("$0" --help; echo $? >&2) | true', vtPath];
  const child = Bun.spawn(shell, { stdio: ["ignore", "ignore", "pipe"] });
  expect(await new Response(child.stderr).text()).toBe("0\n");
});

test("the executable does not hold where it was built", async () => {
  const bytes = Buffer.from(await Bun.file(vtPath).arrayBuffer());
  expect(bytes.includes("src/cli/recall.ts")).toBe(true);
  expect(bytes.includes(join(import.meta.dir, "../.."))).toBe(false);
});
