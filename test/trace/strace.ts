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
  const calls = "trace=%file,getdents,getdents64";
  const strace = ["strace", "-f", "-y", "-s", "4096", "-o", log, "-e", calls];
  const child = Bun.spawn([...strace, name, ...args], {
    cwd: run.directory,
    env: run.environment ?? cleanEnvironment(),
    stdio: ["ignore", "ignore", "ignore"],
  });
  await child.exited;
  const found = new Set<string>();
  for (const line of joinResumed(await readFile(log, "latin1"))) {
    for (const entry of touches(line, run.directory)) found.add(entry);
  }
  return found;
}

/** One call per line: strace cuts those in two that other processes interrupt. */
function joinResumed(log: string): string[] {
  const open = new Map<string, string>();
  const whole: string[] = [];
  for (const line of log.split("\n")) {
    const pid = line.slice(0, line.indexOf(" "));
    const resumed = /<\.\.\. \w+ resumed>(.*)$/.exec(line);
    if (line.endsWith("<unfinished ...>")) open.set(pid, line.slice(0, -"<unfinished ...>".length));
    else if (resumed !== null) whole.push(`${open.get(pid) ?? ""}${resumed[1]}`);
    else whole.push(line);
  }
  return whole;
}

const changing =
  /^(unlink|rmdir|mkdir|mknod|symlink|link|rename|truncate|chmod|fchmodat|chown|lchown|fchownat|utime|utimensat|futimesat|setxattr|lsetxattr|removexattr|lremovexattr)/;
/** Nothing was learned, or nothing is looked up. */
const ignored = /EFAULT|ENAMETOOLONG|\?$|^(chdir|getcwd|statfs|getxattr|lgetxattr|inotify|listxattr|llistxattr|swap)/;

function* touches(line: string, directory: AbsolutePath): Generator<string> {
  const call = /^\d+\s+(\w+)\((.*)\)\s+= (.*)$/.exec(line);
  if (call === null) return;
  const [, name = "", args = "", result = ""] = call;
  if (ignored.test(name) || ignored.test(result)) return;
  for (const path of paths(name, args, directory)) {
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
function* paths(name: string, args: string, directory: AbsolutePath): Generator<AbsolutePath> {
  if (name.startsWith("getdents")) {
    const path = /^\d+<([^>]*)>/.exec(args)?.[1];
    if (path?.startsWith("/")) yield absolutePath(path);
    return;
  }
  const argument = /(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"/g;
  const found = [...args.matchAll(argument)];
  const wanted = name.startsWith("symlink") ? found.slice(1) : /^(rename|link)/.test(name) ? found : found.slice(0, 1);
  for (const [, base, text = ""] of wanted) {
    if (text !== "") yield absolutePath(normalize(resolve(base ?? directory, unescape(text))));
  }
}

function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{1,3}|.)/g, (_, code: string) =>
    /^[0-7]/.test(code)
      ? String.fromCharCode(Number.parseInt(code, 8))
      : ({ n: "\n", t: "\t", r: "\r", v: "\v", f: "\f" }[code] ?? code),
  );
}
