import { expect, test } from "bun:test";
import { createCancellation } from "../../src/execute/cancellation.ts";
import { repeat } from "../harness/wait.ts";

const source = (file: string): string =>
  JSON.stringify(`${import.meta.dir}/../../src/execute/${file}`);

/** A process that says which signals its steps would get, and ends after `signalsMax` of them. */
function startListener(
  options: { readonly graceMs?: number; readonly echoMs?: number; readonly before?: string } = {},
) {
  const { graceMs = 600_000, echoMs, before = ":" } = options;
  const program = `
    import { createCancellation } from ${source("cancellation.ts")};
    import { cancelOnInterrupt } from ${source("interrupt.ts")};
    const cancellation = createCancellation();
    using interrupts = cancelOnInterrupt(cancellation, ${JSON.stringify({ graceMs, echoMs })});
    let heard = 0;
    process.on("SIGINT", () => { heard += 1; console.log("heard " + heard); });
    const { promise, resolve } = Promise.withResolvers();
    cancellation.onStop((signal) => {
      console.log(signal);
      if (signal === "SIGKILL") resolve();
    });
    console.log("ready");
    const alive = setInterval(() => {}, 1000);
    await promise;
    clearInterval(alive);
    console.log(JSON.stringify(cancellation.cause()));`;
  const shell = `${before}; exec "$0" -e "$1"`;
  const listener = Bun.spawn({
    cmd: ["/bin/sh", "-c", shell, process.execPath, program],
    stdout: "pipe",
    stderr: "inherit",
  });
  const reader = listener.stdout.getReader();
  let text = "";
  const until = async (expected: string): Promise<void> => {
    while (!text.includes(expected)) {
      const part = await reader.read();
      if (part.done) return;
      text += Buffer.from(part.value).toString();
    }
  };
  return { listener, until, text: () => text };
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s is passed on once, and the second one kills",
  async (signal) => {
    const { listener, until, text } = startListener();
    await until("ready\n");
    listener.kill(signal);
    await until(`${signal}\n`);
    await repeat(() => listener.kill(signal), listener.exited);
    await until("}\n");
    const lines = text().replaceAll(/heard \d+\n/g, "");
    expect(lines).toBe(`ready\n${signal}\nSIGKILL\n{"kind":"interrupted","signal":"${signal}"}\n`);
  },
);

test("a signal that comes twice at once, from the terminal and from whoever runs vt, is one", async () => {
  const { listener, until, text } = startListener({ echoMs: 600_000 });
  await until("ready\n");
  listener.kill("SIGINT");
  await until("heard 1\n");
  listener.kill("SIGINT");
  await until("heard 2\n");
  listener.kill("SIGKILL");
  await listener.exited;
  expect(text()).toBe("ready\nSIGINT\nheard 1\nheard 2\n");
});

test("what has not ended when the grace is over is killed", async () => {
  const { listener, until, text } = startListener({ graceMs: 1 });
  await until("ready\n");
  listener.kill("SIGTERM");
  await until("}\n");
  await listener.exited;
  expect(text()).toStartWith("ready\nSIGTERM\nSIGKILL\n");
});

test("a signal that vt was started to ignore stays ignored", async () => {
  const { listener, until, text } = startListener({ before: "trap '' HUP" });
  await until("ready\n");
  listener.kill("SIGHUP");
  listener.kill("SIGTERM");
  await until("SIGTERM\n");
  await repeat(() => listener.kill("SIGTERM"), listener.exited);
  await until("}\n");
  expect(text()).not.toContain("SIGHUP");
});

test("the first cause of a cancellation stays, and nothing is killed twice", () => {
  const cancellation = createCancellation();
  const signals: string[] = [];
  using _ = cancellation.onStop((signal) => signals.push(signal));
  cancellation.cancel({ kind: "step-failed" });
  cancellation.cancel({ kind: "interrupted", signal: "SIGINT" });
  cancellation.kill();
  expect(signals).toEqual(["SIGKILL"]);
  expect(cancellation.cause()).toEqual({ kind: "step-failed" });
});

test("who listens late is told at once, who has stopped listening is not told", () => {
  const cancellation = createCancellation();
  const signals: string[] = [];
  cancellation.onStop((signal) => signals.push(`early ${signal}`))[Symbol.dispose]();
  cancellation.cancel({ kind: "interrupted", signal: "SIGTERM" });
  using _ = cancellation.onStop((signal) => signals.push(`late ${signal}`));
  cancellation.kill();
  expect(signals).toEqual(["late SIGTERM", "late SIGKILL"]);
});
