import { expect, setDefaultTimeout, test } from "bun:test";
import type { VtTerminal } from "../../harness/pty.ts";
import { patience, runVt } from "../../harness/vt.ts";
import { untilRemembered } from "../remembered.ts";
import { expectTidy, inShell, openStage } from "./stage.ts";

setDefaultTimeout(patience);

const prompt = "Select a task (↑/↓, Enter to run, type to search):";

const watched = { under: inShell };

function expectClean(vt: VtTerminal, exit: string): void {
  expectTidy(vt);
  expect(vt.screen().slice(1, -1)).toEqual([exit]);
}

test("without a task one is chosen, and run with what else was asked for", async () => {
  await using stage = await openStage();
  await using vt = stage.open(["run", "--no-cache"], { cwd: "packages/app" });
  await vt.until("the list", (screen) => screen.includes("more)"));
  expect(vt.screen()).toEqual([
    prompt,
    "",
    "  › after-hello    sh ../../hello.sh && sh ../../hold.sh app",
    "    deaf           sh ../../deaf.sh app",
    "    family         sh ../../family.sh app",
    "    hello          sh ../../hello.sh",
    "    hold           sh ../../hold.sh app",
    "    hold-in-line   sh ../../hold.sh app half",
    "    hold-mixed     sh ../../hold.sh app",
    "    hold-uncached  sh ../../hold.sh app",
    "    lib (packages/lib)",
    "      after-hello    sh ../../hello.sh && sh ../../hold.sh lib",
    "      deaf           sh ../../deaf.sh lib",
    "      family         sh ../../family.sh lib",
    "  (…11 more)",
  ]);
  vt.type("libhel");
  await vt.until("the one", (screen) => screen.includes(`${prompt} libhel`));
  vt.type("\r");
  expect(await vt.ended()).toBe(0);
  expect(vt.screen()).toEqual([
    "Selected task: lib#hello",
    "~/packages/lib$ sh ../../hello.sh ⊘ cache disabled",
    "hello",
  ]);
});

test("after the choice the keyboard is the task's", async () => {
  await using stage = await openStage();
  await using vt = stage.open(["run"]);
  await vt.until("the list", (screen) => screen.includes("› ask"));
  vt.type("\r");
  await vt.until("the question", (screen) => screen.includes("name?"));
  vt.type("Ada\r");
  expect(await vt.ended()).toBe(0);
  expect(vt.screen()).toEqual([
    "Selected task: ask",
    "$ sh ask.sh ⊘ cache disabled",
    "name? Ada",
    "hello Ada",
  ]);
});

test("whoever mistyped the name of a task is shown those that there are", async () => {
  await using stage = await openStage();
  await using vt = stage.open(["run", "helo", "an argument"], { cwd: "packages/app" });
  await vt.until("the list", (screen) => screen.includes("› hello"));
  expect(vt.screen().slice(0, 2)).toEqual(['Task "helo" not found.', `${prompt} helo`]);
  vt.type("\r");
  expect(await vt.ended()).toBe(0);
  expect(vt.screen().slice(0, 2)).toEqual([
    "Selected task: hello",
    "~/packages/app$ sh ../../hello.sh 'an argument'",
  ]);
});

test.each([
  ["no task", ["run"]],
  ["a mistyped task", ["run", "helo"]],
] as const)(
  "with %s one is asked every time, whatever is remembered of the choice",
  async (_, args) => {
    await using stage = await openStage();
    await untilRemembered(stage, () => runVt(stage, ["run", "hello"]));
    for (const _attempt of [1, 2]) {
      await using vt = stage.open(args);
      await vt.until("the list", (screen) => screen.includes("Select a task"));
      vt.type("\x15hello\r");
      expect(await vt.ended()).toBe(0);
      expect(vt.screen().slice(0, 2)).toEqual([
        "Selected task: hello",
        "$ sh hello.sh ◉ cache hit, replaying",
      ]);
    }
  },
);

test("Ctrl-C leaves nothing behind on the screen, and exits 130", async () => {
  await using stage = await openStage();
  await using vt = stage.open(["run"], watched);
  await vt.until("the list", (screen) => screen.includes(prompt));
  vt.type("hold\x1b[B\x1b[B");
  await vt.until("the search", (screen) => screen.includes(`${prompt} hold`));
  vt.type("\x03");
  await vt.ended();
  expectClean(vt, "exit 130");
});

test.each([
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s ends the choosing, too, and leaves nothing behind", async (signal, code) => {
  await using stage = await openStage();
  await using vt = stage.open(["run"], {
    under: [
      "sh",
      "-c",
      'stty -g | cksum; exec 3<&0; "$@" <&3 & echo $! > "$HOLD/pid"; wait $!; echo "exit $?"; stty -g | cksum',
      "sh",
    ],
  });
  await vt.until("the list", (screen) => screen.includes(prompt));
  process.kill(Number(await stage.read("pid")), signal);
  await vt.ended();
  expectClean(vt, `exit ${code}`);
});

test.each([
  [80, 8],
  [30, 40],
  [30, 8],
  [12, 6],
  [200, 6],
] as const)(
  "in a window of %d columns and %d rows nothing is left of a larger list",
  async (columns, rows) => {
    await using stage = await openStage();
    await using vt = stage.open(["run"], watched);
    await vt.until("the list", (screen) => screen.includes("more)"));
    vt.resize(columns, rows);
    await vt.until("a list that fits", (screen) => screen.split("\n").length < rows);
    vt.type("hello");
    await vt.until("a shorter list", (screen) => /› hello/.test(screen));
    const lines = vt.screen();
    expect(lines.filter((line) => line.startsWith("Select"))).toHaveLength(1);
    expect(lines.join("\n")).not.toMatch(/deaf|family|look/);
    vt.resize(80, 24);
    await vt.until("the whole list", (screen) => {
      const [head, ...others] = screen.split("\n");
      return head === `${prompt} hello` && others.length === 8;
    });
    vt.type("\x03");
    await vt.ended();
    expectClean(vt, "exit 130");
  },
);

test("a window that becomes smaller is filled anew, and nothing above is lost", async () => {
  await using stage = await openStage();
  await using vt = stage.open(["run"], watched);
  await vt.until("the list", (screen) => screen.includes(prompt));
  vt.resize(30, 40);
  await vt.until("a smaller list", (screen) => screen.includes("Select a task (↑/↓, Enter to…"));
  expect(vt.screen().filter((line) => line.includes("Select a task"))).toHaveLength(1);
  vt.resize(100, 40);
  await vt.until("a larger list", (screen) => screen.includes(prompt));
  vt.type("\x03");
  await vt.ended();
  expectClean(vt, "exit 130");
});

test.each([{ CI: "true" }, { TERM: "dumb" }])(
  "nobody is asked where nobody may be there: %j",
  async (environment) => {
    await using stage = await openStage();
    await using list = stage.open(["run"], { environment });
    expect(await list.ended()).toBe(0);
    expect(list.screen()).toContain("  ask                sh ask.sh");
    await using typo = stage.open(["run", "helo"], { environment });
    expect(await typo.ended()).toBe(1);
    expect(typo.screen()).toEqual([
      "error: Task `helo` not found in package root",
      "hint: did you mean `hello`?",
    ]);
  },
);
