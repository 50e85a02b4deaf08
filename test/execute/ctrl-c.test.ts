import { expect, test } from "bun:test";
import { repeat } from "../harness/wait.ts";

const source = (file: string): string =>
  JSON.stringify(`${import.meta.dir}/../../src/execute/${file}`);

/** Counts its SIGINTs; ends when something is typed, or when it is asked to. */
const task = `
  let count = 0;
  process.on("SIGINT", () => { count += 1; console.log("interrupt " + count); });
  process.on("SIGTERM", () => { console.log("asked to end"); process.exit(0); });
  process.stdin.on("data", () => { console.log("interrupts: " + count); process.exit(0); });
  console.log("ready");
  setInterval(() => {}, 1000);`;

/** Runs the task as a step of a run in a terminal, and collects what the terminal shows. */
function startInTerminal(stdio: "piped" | "foreground") {
  const program = `
    import { createCancellation } from ${source("cancellation.ts")};
    import { cancelOnInterrupt } from ${source("interrupt.ts")};
    import { spawnStep } from ${source("spawn.ts")};
    const cancellation = createCancellation();
    using interrupts = cancelOnInterrupt(cancellation);
    const child = spawnStep({ executable: process.execPath, argv0: "bun", args: ["-e", ${JSON.stringify(task)}],
      cwd: "/", environment: {}, stdio: "${stdio}", now: Date.now,
      onChunk: (stream, bytes) => console.log(Buffer.from(bytes).toString().trimEnd()) });
    using stop = cancellation.onStop((signal) => { console.log("heard " + signal); child.stop(signal); });
    const { code, signal } = await child.exited;
    console.log(JSON.stringify({ code, signal, cause: cancellation.cause() }));`;
  let text = "";
  const changes: (() => void)[] = [];
  const vt = Bun.spawn({
    cmd: [process.execPath, "-e", program],
    terminal: {
      cols: 300,
      rows: 40,
      data: (_terminal, bytes) => {
        text += Buffer.from(bytes).toString();
        for (const change of changes.splice(0)) change();
      },
    },
  });
  const until = async (expected: string): Promise<void> => {
    while (!text.includes(expected)) {
      await new Promise<void>((resolve) => {
        changes.push(resolve);
      });
    }
  };
  return { vt, until, text: () => text, press: (keys: string) => vt.terminal?.write(keys) };
}

test("Ctrl-C reaches a foreground process from the terminal, and not from vt as well", async () => {
  const { vt, until, text, press } = startInTerminal("foreground");
  await until("ready");
  press("\x03");
  await until("interrupt 1");
  press("end\n");
  await until('"kind":"interrupted"');
  await vt.exited;
  vt.terminal?.close();
  expect(text()).toContain("interrupts: 1");
  expect(text()).toContain('{"code":0,"cause":{"kind":"interrupted","signal":"SIGINT"}}');
});

test.each(["piped", "foreground"] as const)(
  "Ctrl-C reaches a %s process, and a second one kills it",
  async (stdio) => {
    const { vt, until, text, press } = startInTerminal(stdio);
    await until("ready");
    press("\x03");
    // Of two signals that nobody has heard yet the kernel keeps one.
    await until("interrupt 1");
    await until("heard SIGINT");
    await repeat(() => press("\x03"), until('"kind":"interrupted"'));
    await vt.exited;
    vt.terminal?.close();
    expect(text()).toContain('{"code":137,"signal":"SIGKILL",');
    // A foreground process hears the second one from the terminal, too, unless the kill was faster.
    if (stdio === "piped") expect(text()).not.toContain("interrupt 2");
  },
);

test.each(["piped", "foreground"] as const)("SIGTERM to vt reaches a %s process", async (stdio) => {
  const { vt, until, text } = startInTerminal(stdio);
  await until("ready");
  vt.kill("SIGTERM");
  await until('"kind":"interrupted"');
  await vt.exited;
  vt.terminal?.close();
  expect(text()).toContain("asked to end");
  expect(text()).toContain('{"code":0,"cause":{"kind":"interrupted","signal":"SIGTERM"}}');
});
