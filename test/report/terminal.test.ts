import { expect, test } from "bun:test";

const source = JSON.stringify(`${import.meta.dir}/../../src/report/terminal.ts`);

/** Runs `body`, which has a `terminal`, in a process of its own whose streams a shell arranges. */
function start(body: string, shell = 'exec "$0" -e "$1"') {
  const program = `
    import { openTerminal } from ${source};
    const terminal = openTerminal({ stdout: false, stderr: false });
    ${body}`;
  return Bun.spawn({
    cmd: ["/bin/sh", "-c", shell, process.execPath, program],
    stdout: "pipe",
    stderr: "pipe",
  });
}

async function run(body: string, shell?: string) {
  const child = start(body, shell);
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { stdout, stderr, exitCode: await child.exited };
}

test("text is on its stream when the process ends, also without a flush", async () => {
  const result = await run(`terminal.write("stdout", "o"); terminal.write("stderr", "e");`);
  expect(result).toEqual({ stdout: "o", stderr: "e", exitCode: 0 });
});

test("the streams keep the order of what is written when they lead to one place", async () => {
  const { stdout } = await run(
    `for (let i = 0; i < 100; i++) { terminal.write("stdout", i + "o "); terminal.write("stderr", i + "e "); }`,
    'exec "$0" -e "$1" 2>&1',
  );
  expect(stdout).toBe(Array.from({ length: 100 }, (_, i) => `${i}o ${i}e `).join(""));
});

test("nothing is lost to a slow reader when the process exits at once", async () => {
  const body = `terminal.write("stdout", "x".repeat(3_000_000)); terminal.flush(); process.exit(0);`;
  const { stdout } = await run(body, '("$0" -e "$1") | (sleep 0.05; cat)');
  expect(stdout.length).toBe(3_000_000);
});

test("nothing is lost on a stream that does not block", async () => {
  const nonBlocking = `
    import { dlopen } from "bun:ffi";
    const { symbols } = dlopen("libc.so.6", { fcntl: { args: ["i32", "i32", "i32"], returns: "i32" } });
    symbols.fcntl(1, 4, 0o4001);`;
  const body = `${nonBlocking} terminal.write("stdout", "x".repeat(3_000_000)); terminal.flush(); process.exit(0);`;
  const { stdout } = await run(body, '("$0" -e "$1") | (sleep 0.05; cat)');
  expect(stdout.length).toBe(3_000_000);
});

test("a reader that goes away costs the text and nothing else", async () => {
  const body = `
    for (let i = 0; i < 100; i++) { terminal.write("stdout", "x".repeat(100_000)); terminal.flush(); }
    terminal.write("stderr", "still here");
    terminal.flush();
    process.exit(3);`;
  const { stderr } = await run(body, '("$0" -e "$1"; echo " $?" >&2) | true');
  expect(stderr).toBe("still here 3\n");
});

test("a full disk is told of on the other stream", async () => {
  const body = `terminal.write("stdout", "x"); terminal.flush(); terminal.write("stdout", "y");`;
  const { stderr, exitCode } = await run(body, 'exec "$0" -e "$1" > /dev/full');
  expect(stderr).toBe("warning: cannot write to stdout (ENOSPC); its text is lost\n");
  expect(exitCode).toBe(0);
});

test("what is written in one go takes one call of the system", async () => {
  const body = `
    import { readFileSync } from "node:fs";
    const countWrites = () => Number(/syscw: (\\d+)/.exec(readFileSync("/proc/self/io", "utf8"))[1]);
    const before = countWrites();
    for (let i = 0; i < 50; i++) terminal.write("stdout", "line\\n");
    terminal.flush();
    console.error(countWrites() - before);`;
  const { stdout, stderr } = await run(body);
  expect(stdout).toBe("line\n".repeat(50));
  expect(stderr).toBe("1\n");
});
