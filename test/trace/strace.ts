import { readFile } from "node:fs/promises";
import { normalize, resolve } from "node:path";
import { type AbsolutePath, absolutePath } from "../../src/base/path.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { cleanEnvironment, type TracedRun } from "./run-traced.ts";

/** What was done to a path, as far as two tracers can agree on it. */
export type Touch = "look" | "list" | "execute" | "change";

/** `touch path` for everything below the directory that a command touches, as strace sees it. */
export async function runUnderStrace(run: TracedRun): Promise<ReadonlySet<string>> {
  await using output = await temporaryDirectory();
  const log = `${output.path}/log`;
  const [name, ...args] = run.command;
  const calls = "trace=%file,getdents,getdents64,fchdir,fork,vfork,clone,clone3";
  const strace = ["strace", "-f", "-y", "-s", "4096", "-o", log, "-e", calls];
  const child = Bun.spawn([...strace, name, ...args], {
    cwd: run.directory,
    env: run.environment ?? cleanEnvironment(),
    stdio: ["ignore", "ignore", "ignore"],
  });
  await child.exited;
  const found = new Set<string>();
  for (const call of readCalls(await readFile(log, "latin1"), run.directory)) {
    for (const entry of touches(call, run.directory)) found.add(entry);
  }
  return found;
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
  /^(unlink|rmdir|mkdir|mknod|symlink|link|rename|truncate|chmod|fchmodat|chown|lchown|fchownat|utime|utimensat|futimesat|setxattr|lsetxattr|removexattr|lremovexattr)/;
/** Nothing was learned, or nothing is looked up. */
const ignored =
  /EFAULT|ENAMETOOLONG|\?$|^(f?chdir|v?fork|clone|getcwd|statfs|getxattr|lgetxattr|inotify|listxattr|llistxattr|swap)/;

function* touches({ name, args, result, cwd }: Call, directory: AbsolutePath): Generator<string> {
  if (ignored.test(name) || ignored.test(result)) return;
  for (const path of paths(name, args, cwd)) {
    if (path === directory || path.startsWith(`${directory}/`)) {
      yield `${touchOf(name, args)} ${path.slice(directory.length + 1) || "."}`;
    }
  }
}

function touchOf(name: string, args: string): Touch {
  if (name.startsWith("getdents")) return "list";
  if (name.startsWith("execve")) return "execute";
  if (changing.test(name) || name === "creat") return "change";
  const isOpen = name === "open" || name.startsWith("openat");
  return isOpen && !/O_TMPFILE/.test(args) && /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(args)
    ? "change"
    : "look";
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
