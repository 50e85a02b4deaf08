import { expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { absolutePath } from "../../src/base/path.ts";
import type { OutputStream } from "../../src/execute/event.ts";
import { listProcesses } from "../../src/execute/process-tree.ts";
import { type SpawnRequest, spawnStep } from "../../src/execute/spawn.ts";
import { waitFor } from "../harness/wait.ts";

const path = "/usr/bin:/bin";

function request(script: string, changes: Partial<SpawnRequest> = {}): SpawnRequest {
  return {
    executable: absolutePath("/bin/sh"),
    argv0: "sh",
    args: ["-c", script],
    cwd: absolutePath(tmpdir()),
    environment: { PATH: path },
    stdio: "piped",
    onChunk: () => undefined,
    now: Date.now,
    ...changes,
  };
}

/** A child whose text is collected, and can be waited for. */
function run(script: string, changes: Partial<SpawnRequest> = {}) {
  const text: Record<OutputStream, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  const child = spawnStep(
    request(script, {
      onChunk: (stream, bytes) => {
        text[stream] = Buffer.concat([text[stream], bytes]);
      },
      ...changes,
    }),
  );
  return { ...child, text };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await Bun.sleep(5);
}

const isAlive = (pid: number): boolean => listProcesses().some((info) => info.pid === pid);

test("a process's bytes arrive on their streams as they were written", async () => {
  const child = run(`printf 'a\\000\\377\\033[1mb'; printf 'no newline' >&2`);
  expect(await child.exited).toMatchObject({ kind: "exited", code: 0 });
  expect(child.text.stdout.toString("latin1")).toBe("a\0\xff\x1b[1mb");
  expect(child.text.stderr.toString()).toBe("no newline");
});

test("all of a long text has arrived when the process counts as ended", async () => {
  const child = run("head -c 5000000 /dev/zero; head -c 3000000 /dev/zero >&2");
  await child.exited;
  expect([child.text.stdout.length, child.text.stderr.length]).toEqual([5_000_000, 3_000_000]);
});

test("/dev/stdout and /dev/stderr can be opened again", async () => {
  const child = run("echo out > /dev/stdout; echo err > /dev/stderr");
  await child.exited;
  expect([child.text.stdout.toString(), child.text.stderr.toString()]).toEqual(["out\n", "err\n"]);
});

test("stdin is empty", async () => {
  const child = run("cat; echo end");
  await child.exited;
  expect(child.text.stdout.toString()).toBe("end\n");
});

test("the process gets the name, directory and environment it was given, and no more", async () => {
  const child = run('echo "$0"; pwd; env | grep -v -e ^PWD -e ^_= -e ^SHLVL | sort', {
    argv0: "shell",
    args: ["-c", "pwd; env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= | sort; cat /proc/$$/cmdline"],
    cwd: absolutePath("/usr"),
    environment: { PATH: path, A: "1" },
  });
  await child.exited;
  const text = child.text.stdout.toString();
  expect(text).toStartWith(`/usr\nA=1\nPATH=${path}\nshell\0-c\0`);
});

test("the exit code is the process's own", async () => {
  expect(await run("exit 42").exited).toMatchObject({ kind: "exited", code: 42 });
});

test("the exit code after a signal is 128 and the signal's number", async () => {
  const result = await run("kill -TERM $$").exited;
  expect(result).toMatchObject({ kind: "exited", code: 143, signal: "SIGTERM" });
});

test("a process leads a session of its own", async () => {
  const child = run("cut -d' ' -f1,6 /proc/$$/stat");
  await child.exited;
  const [pid, session] = child.text.stdout.toString().trim().split(" ");
  expect(session).toBe(pid);
});

test("what cannot be started says why", async () => {
  const directory = mkdtempSync(`${tmpdir()}/vt-spawn-`);
  const program = absolutePath(`${directory}/program`);
  const start = async (changes: Partial<SpawnRequest>) => run("", changes).exited;
  try {
    expect(await start({ executable: program, argv0: "program" })).toEqual({
      kind: "not-started",
      message: `Failed to start 'program': ${program} does not exist`,
    });
    expect(await start({ cwd: absolutePath(`${directory}/gone`) })).toEqual({
      kind: "not-started",
      message: `Failed to start 'sh': the directory ${directory}/gone does not exist`,
    });
    writeFileSync(program, "echo hello\n");
    expect(await start({ executable: program, argv0: "program" })).toEqual({
      kind: "not-started",
      message: `Failed to start 'program': ${program} may not be executed`,
    });
    chmodSync(program, 0o755);
    expect(await start({ executable: program, argv0: "program" })).toEqual({
      kind: "not-started",
      message: `Failed to start 'program': ${program} is no program for this system, nor a script with a #! line`,
    });
    writeFileSync(program, "#!/no/such/interpreter\n");
    expect(await start({ executable: program, argv0: "program" })).toEqual({
      kind: "not-started",
      message: `Failed to start 'program': the interpreter that ${program} names does not exist`,
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("no file descriptor is left open, whether the process started or not", async () => {
  const countOpen = (): number => readdirSync("/proc/self/fd").length;
  await run("true").exited;
  const before = countOpen();
  for (let index = 0; index < 5; index += 1) {
    await run("echo x").exited;
    await run("", { executable: absolutePath("/no/such/program") }).exited;
  }
  // The engine closes what it reads streams with soon after they have ended, and not at once on a busy machine.
  await waitFor("every descriptor to be closed", () => countOpen() <= before);
});

test("what a background process prints before it ends soon after is not lost", async () => {
  const child = run("(sleep 0.1; echo late) & exit 3");
  const result = await child.exited;
  expect(result).toMatchObject({ kind: "exited", code: 3 });
  expect(result).not.toHaveProperty("leftBehind");
  expect(child.text.stdout.toString()).toBe("late\n");
});

test("a background process that keeps a pipe open does not keep the step running, and is named", async () => {
  const child = run("sleep 1000 & echo $!; exit 0", { settleGraceMs: 100 });
  const result = await child.exited;
  const pid = Number(child.text.stdout.toString());
  process.kill(pid);
  expect(result).toMatchObject({ kind: "exited", code: 0, leftBehind: { name: "sleep", pid } });
});

test("a background process that closed its pipes is named", async () => {
  const child = run("sleep 1000 > /dev/null 2>&1 & echo $!", { settleGraceMs: 100 });
  const result = await child.exited;
  const pid = Number(child.text.stdout.toString());
  process.kill(pid);
  expect(result).toMatchObject({ kind: "exited", code: 0, leftBehind: { name: "sleep", pid } });
});

test("a kill ends the whole tree, also what made a session of its own and closed its pipes", async () => {
  const child = run("setsid sleep 1000 > /dev/null 2>&1 & echo $!; (sleep 1000 & echo $!; wait)");
  await until(() => child.text.stdout.toString().split("\n").length === 3);
  const pids = child.text.stdout.toString().trim().split("\n").map(Number);
  expect(pids.map(isAlive)).toEqual([true, true]);
  child.stop("SIGKILL");
  expect(await child.exited).toMatchObject({ kind: "exited", code: 137, signal: "SIGKILL" });
  await until(() => !pids.some(isAlive));
});

test("an interrupt reaches the processes below a shell that waits for them", async () => {
  const inner = `node -e 'process.on("SIGTERM", () => { console.log("inner"); process.exit(0); }); console.log("ready"); setInterval(() => {}, 1000)'`;
  const child = run(`${inner}; echo after`, { environment: { PATH: process.env["PATH"] ?? path } });
  await until(() => child.text.stdout.includes("ready"));
  child.stop("SIGTERM");
  await child.exited;
  expect(child.text.stdout.toString()).toContain("inner");
});

test("a process that ignores an interrupt ends with the kill that follows", async () => {
  const child = run("trap '' TERM; echo ready; while :; do sleep 0.05; done");
  await until(() => child.text.stdout.includes("ready"));
  child.stop("SIGTERM");
  child.stop("SIGKILL");
  expect(await child.exited).toMatchObject({ code: 137 });
});

test("what an interrupted process leaves behind is killed", async () => {
  const child = run("(trap '' TERM; echo ready; while :; do sleep 0.05; done) & echo $!; wait", {
    settleGraceMs: 100,
  });
  await until(() => child.text.stdout.includes("ready"));
  const pid = Number(/\d+/.exec(child.text.stdout.toString())?.[0]);
  child.stop("SIGTERM");
  await child.exited;
  await until(() => !isAlive(pid));
});

test("an inherited process may leave another one running, but not when it was interrupted", async () => {
  const directory = mkdtempSync(`${tmpdir()}/vt-spawn-`);
  const pidFile = `${directory}/pid`;
  const loop = "(trap '' TERM; while :; do sleep 0.05; done) > /dev/null 2>&1";
  const start = (end: string) =>
    run(`${loop} & echo $! > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; ${end}`, {
      stdio: "inherited",
      settleGraceMs: 100,
    });
  try {
    await start("exit 0").exited;
    const server = Number(readFileSync(pidFile, "utf8"));
    expect(isAlive(server)).toBe(true);
    process.kill(server, "SIGKILL");
    rmSync(pidFile);

    const interrupted = start("wait");
    await until(() => existsSync(pidFile));
    interrupted.stop("SIGTERM");
    await interrupted.exited;
    const pid = Number(readFileSync(pidFile, "utf8"));
    await until(() => !isAlive(pid));
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a signal after the end goes nowhere", async () => {
  const child = run("true");
  await child.exited;
  child.stop("SIGKILL");
});

/** Runs a step with inherited streams inside another process, so that the streams are ours to read. */
async function runInherited(stdio: "inherited" | "foreground", script: string) {
  const program = `
    import { spawnStep } from ${JSON.stringify(`${import.meta.dir}/../../src/execute/spawn.ts`)};
    const child = spawnStep({ executable: "/bin/sh", argv0: "sh", args: ["-c", ${JSON.stringify(script)}],
      cwd: "/", environment: { PATH: "/usr/bin:/bin" }, stdio: "${stdio}", onChunk() {}, now: Date.now });
    console.error(JSON.stringify(await child.exited));`;
  const outer = Bun.spawn({
    cmd: [process.execPath, "-e", program],
    stdin: Buffer.from("typed"),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([outer.stdout.text(), outer.stderr.text()]);
  return { stdout, stderr };
}

test("an inherited process reads and writes the streams of vt", async () => {
  const { stdout, stderr } = await runInherited("inherited", "cat; echo; echo err >&2; exit 5");
  expect(stdout).toBe("typed\n");
  expect(stderr).toMatch(/^err\n{"kind":"exited","code":5,"durationMs":\d+}\n$/);
});

test.each([
  ["inherited", "own"],
  ["foreground", "shared"],
] as const)("a process that is %s has a session that is %s", async (stdio, expected) => {
  const { stdout } = await runInherited(stdio, "cut -d' ' -f1,6 /proc/$$/stat");
  const [pid, session] = stdout.trim().split(" ");
  expect(session === pid ? "own" : "shared").toBe(expected);
});
