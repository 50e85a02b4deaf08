import { expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { patience } from "../../harness/vt.ts";
import { openStage } from "./stage.ts";

setDefaultTimeout(patience);

const line = /^\[\d\/2\] /m;

test("a line below the text says what is running, for how long, and how much is done", async () => {
  await using stage = await openStage();
  await using vt = stage.open(["run", "-r", "--parallel", "hold"]);
  await vt.until("the line", (screen) => /^\[0\/2\] lib#hold \d+s, app#hold \d+s$/m.test(screen));
  expect(vt.cursor()).toEqual({ column: 0, line: vt.screen().length - 1 });
  await stage.pass("lib");
  await vt.until("less", (screen) => /^\[1\/2\] app#hold \d+s$/m.test(screen));
  await stage.pass("app");
  expect(await vt.ended()).toBe(0);
  const [first, second, ...lines] = vt.screen().slice(0, -1);
  expect([first, second]).toEqual([
    "~/packages/lib$ sh ../../hold.sh lib",
    "~/packages/app$ sh ../../hold.sh app",
  ]);
  // Which of the two is faster is chance.
  expect(lines.slice(0, 2).toSorted()).toEqual(["app begins", "lib begins"]);
  expect(lines.slice(2)).toEqual([
    "lib ends",
    "",
    "app ends",
    "",
    "---",
    "vt run: 0/2 cache hit (0%), 2/2 successful. (Run `vt run --last-details` for ful",
  ]);
});

test.each([{ CI: "true" }, { TERM: "dumb" }, { TERM: "" }])(
  "there is no line where nobody watches: %j",
  async (environment) => {
    await using stage = await openStage();
    await using vt = stage.open(["run", "-r", "--parallel", "hold"], { environment });
    for (const name of ["lib", "app"]) {
      await vt.until(name, (screen) => screen.includes(`${name} begins`));
      await stage.pass(name);
    }
    expect(await vt.ended()).toBe(0);
    expect(vt.written()).not.toMatch(line);
    expect(vt.written()).not.toContain("\x1b[2K");
  },
);

test("whoever runs scripts for the first time is told, once, how they are cached", async () => {
  await using stage = await openStage();
  const manifest = { name: "app", scripts: { greet: "sh ../../hello.sh" } };
  await writeFile(join(stage.root, "packages/app/package.json"), JSON.stringify(manifest));
  for (const isFirst of [true, false]) {
    await using vt = stage.open(["run", "app#greet"], { columns: 200 });
    expect(await vt.ended()).toBe(0);
    const note = 'To cache tasks and scripts: { "cache": true } in the vite-task.json of the root';
    expect(vt.screen().join("\n").includes(note)).toBe(isFirst);
  }
});

test("a task that has the terminal to itself is left alone, whatever runs beside it", async () => {
  await using stage = await openStage();
  await using vt = stage.open(["run", "-r", "--parallel", "hold-mixed"]);
  await vt.until(
    "both",
    (screen) => screen.includes("lib begins") && screen.includes("app begins"),
  );
  await stage.pass("lib");
  // Now only the other is left, and vt has the terminal again.
  await vt.until("the line", (screen) => line.test(screen));
  expect(vt.written().split("lib ends")[0]).not.toMatch(/\[\d\/2\]/);
  await stage.pass("app");
  expect(await vt.ended()).toBe(0);
});

test("a line that a task has not finished is left as it is", async () => {
  await using stage = await openStage();
  await using vt = stage.open(["run", "lib#hold-in-line"]);
  await vt.until("half a line", (screen) => screen.endsWith("half"));
  await stage.pass("lib");
  expect(await vt.ended()).toBe(0);
  expect(vt.screen()).toContain("halflib ends");
});

test("in a window that becomes smaller the line does, and nothing of the text is lost", async () => {
  await using stage = await openStage();
  await using vt = stage.open(["run", "-r", "--parallel", "hold"]);
  await vt.until("the line", (screen) => line.test(screen));
  vt.resize(20, 10);
  await vt.until("a shorter line", (screen) => /^\[0\/2\] lib#hold \d+s.*…$/m.test(screen));
  await stage.pass("lib");
  await stage.pass("app");
  expect(await vt.ended()).toBe(0);
  const text = vt.screen().join("\n");
  for (const words of ["lib begins", "app begins", "lib ends", "app ends", "2/2 succ"])
    expect(text).toContain(words);
});
