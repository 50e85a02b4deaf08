import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { normalize, resolve } from "node:path";
import { type AbsolutePath, absolutePath } from "../../../src/base/path.ts";
import { temporaryDirectory } from "../../harness/temporary-directory.ts";

/** What was done to a path, as far as two tracers can agree on it. */
export type Touch = "read" | "probe" | "list" | "execute" | "change";

export type StracedRun = {
  readonly directory: AbsolutePath;
  readonly command: readonly [program: string, ...args: string[]];
  readonly environment: Readonly<Record<string, string>>;
  /** Only what lies below is of interest. */
  readonly root: AbsolutePath;
};

export type StracedResult = {
  /** `touch path`, absolute. */
  readonly touches: ReadonlySet<string>;
  readonly code: number;
};

/** What strace sees of a command and of everything that it starts. */
export async function runUnderStrace(run: StracedRun): Promise<StracedResult> {
  await using output = await temporaryDirectory();
  const log = `${output.path}/log`;
  const [name, ...args] = run.command;
  const calls = "trace=%file,getdents,getdents64,fchdir,fork,vfork,clone,clone3,io_uring_setup";
  // Neither strace nor anybody else sees what is opened that way.
  const inject = "inject=io_uring_setup:error=ENOSYS";
  const strace = ["strace", "-f", "--seccomp-bpf", "-qq", "-y", "-s", "4096", "-o", log];
  const child = Bun.spawn([...strace, "-e", calls, "-e", inject, name, ...args], {
    cwd: run.directory,
    env: run.environment,
    stdio: ["ignore", "ignore", "ignore"],
  });
  const code = await child.exited;
  const touches = new Set<string>();
  for (const call of readCalls(await readFile(log, "latin1"), run.directory)) {
    for (const touch of touchesOf(call, run.root)) touches.add(touch);
  }
  return { touches: new Set([...touches].map((touch) => narrow(touch, touches))), code };
}

/** Opening a directory says no more than that it is there. */
function narrow(touch: string, all: ReadonlySet<string>): string {
  const path = touch.slice(touch.indexOf(" ") + 1);
  return touch.startsWith("read ") && all.has(`list ${path}`) ? `probe ${path}` : touch;
}

type Call = {
  readonly name: string;
  readonly args: string;
  readonly result: string;
  /** Of the process that makes it. */
  readonly cwd: string;
};

/** Puts together what strace cuts in two, and keeps track of each process's directory. */
function* readCalls(log: string, directory: AbsolutePath): Generator<Call> {
  const open = new Map<string, string>();
  const cwds = new Map<string, string>();
  for (const line of log.split("\n")) {
    const pid = line.slice(0, line.indexOf(" "));
    if (!cwds.has(pid)) cwds.set(pid, cwdOfParent(open, cwds) ?? directory);
    const cwd = cwds.get(pid) ?? directory;
    const resumed = /<\.\.\. \w+ resumed>(.*)$/.exec(line);
    if (line.endsWith("<unfinished ...>")) {
      open.set(pid, line.slice(0, -"<unfinished ...>".length));
      continue;
    }
    const whole = resumed === null ? line : `${open.get(pid) ?? ""}${resumed[1]}`;
    open.delete(pid);
    const [, name, args = "", result = ""] = /^\d+\s+(\w+)\((.*)\)\s+= (.*)$/.exec(whole) ?? [];
    if (name === undefined) continue;
    const child = /^(v?fork|clone3?)$/.test(name) ? /^\d+/.exec(result)?.[0] : undefined;
    if (child !== undefined && !cwds.has(child)) cwds.set(child, cwd);
    const target = name === "fchdir" ? /<(.*)>/.exec(args)?.[1] : /^"(.*)"$/.exec(args)?.[1];
    if (/^f?chdir$/.test(name) && result.startsWith("0"))
      cwds.set(pid, resolve(cwd, target ?? "."));
    yield { name, args, result, cwd };
  }
}

/** A process seen for the first time was made by one that is in the middle of making it. */
function cwdOfParent(
  open: ReadonlyMap<string, string>,
  cwds: ReadonlyMap<string, string>,
): string | undefined {
  const parent = [...open].find(([, call]) => /^\d+\s+(v?fork|clone3?)\(/.test(call));
  return parent && cwds.get(parent[0]);
}

const changing =
  /^(creat|unlink|rmdir|mkdir|mknod|symlink|link|rename|truncate|f?chmodat|chmod|chown|lchown|fchownat|utime|utimensat|futimesat|setxattr|lsetxattr|removexattr|lremovexattr)/;
/** Nothing was learned, or nothing is looked up. */
const ignored =
  /EFAULT|ENAMETOOLONG|ENOSYS|EINTR|\?$|^(fchdir|v?fork|clone|io_uring|getcwd|fstatfs|swap|umount|mount)/;

function* touchesOf({ name, args, result, cwd }: Call, root: AbsolutePath): Generator<string> {
  if (ignored.test(name) || ignored.test(result)) return;
  for (const path of paths(name, args, cwd)) {
    const isInside = path === root || path.startsWith(`${root}/`);
    if (isInside) yield `${touchOf({ name, args, result, cwd }, path)} ${path}`;
  }
}

function touchOf({ name, args, result }: Call, path: string): Touch {
  if (name.startsWith("getdents")) return "list";
  if (name.startsWith("execve")) return "execute";
  if (changing.test(name)) return "change";
  if (name !== "open" && !name.startsWith("openat")) return "probe";
  if (/O_PATH|O_TMPFILE/.test(args)) return "probe";
  if (/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(args)) return "change";
  const isForDirectory = /O_DIRECTORY/.test(args);
  if (isForDirectory && result.startsWith("-1 ENOENT")) return "list";
  const isOpenDirectory = isForDirectory && !result.startsWith("-1");
  return isOpenDirectory || isDirectory(path) ? "probe" : "read";
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** `AT_FDCWD</a/b>, "name"` → /a/b/name; the text of a symbolic link is no path. */
function* paths(name: string, args: string, cwd: string): Generator<AbsolutePath> {
  if (name.startsWith("getdents")) {
    const path = /^\d+<([^>]*)>/.exec(args)?.[1];
    if (path?.startsWith("/")) yield absolutePath(path);
    return;
  }
  const argument = /(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"/g;
  const found = [...args.matchAll(argument)];
  const wanted = name.startsWith("symlink")
    ? found.slice(1)
    : /^(rename|link)/.test(name)
      ? found
      : found.slice(0, 1);
  for (const [, base, text = ""] of wanted) {
    if (text !== "") yield absolutePath(normalize(resolve(base ?? cwd, unquote(text))));
  }
}

function unquote(text: string): string {
  return text.replaceAll(/\\([0-7]{1,3}|.)/g, (_, code: string) =>
    /^[0-7]/.test(code)
      ? String.fromCharCode(Number.parseInt(code, 8))
      : ({ n: "\n", t: "\t", r: "\r", v: "\v", f: "\f" }[code] ?? code),
  );
}
