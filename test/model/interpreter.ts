import { spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  rmdirSync,
  type Stats,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

/** What a program may be told to have done, for whoever watches it. */
export type Touch = "look" | "stat" | "read" | "list" | "share" | "use" | "replace" | "remove";

/** What an interpreted program finds around it. */
export type World = {
  /** Paths of the program are relative to it. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly print: (stream: 1 | 2, bytes: Uint8Array) => void;
  /** Runs a program as a process of its own and returns its exit code. */
  readonly spawn: (kind: string, args: readonly string[]) => number;
  readonly touch?: (touch: Touch, path: string) => void;
  /** Whoever runs the program does something meanwhile. */
  readonly pause?: () => void;
};

type Content = { readonly problem: string } | { readonly bytes: Buffer };

/**
 * The language of `language.ts` for Node and for Bun, and within the test. It must do what
 * `interpreter.c` does, to the byte. Returns the exit code. `args`: program file, prefix of what is
 * the program's own, and for children what the parent had seen.
 */
export function interpret(args: readonly string[], world: World): number {
  const [file = "", prefix = "", seenByParent] = args;
  const machine = new Machine(world, { prefix, seen: Number(seenByParent ?? 2166136261) });
  return machine.run(file, { isFramed: seenByParent === undefined });
}

class Machine {
  readonly #world: World;
  readonly #prefix: string;
  readonly #known = new Set<string>();
  #seen: number;

  constructor(world: World, start: { readonly prefix: string; readonly seen: number }) {
    this.#world = world;
    this.#prefix = start.prefix;
    this.#seen = start.seen >>> 0;
  }

  run(file: string, { isFramed }: { readonly isFramed: boolean }): number {
    if (isFramed) this.#frame("<<<\n");
    const program = this.#read(file);
    if ("problem" in program) return 114;
    let code: number | undefined;
    let isSkipping = false;
    for (const line of program.bytes.toString().split("\n").slice(0, -1)) {
      const words = line.split("\t");
      if (isSkipping) isSkipping = false;
      else if (words[0] === "maybe") isSkipping = (this.#seen & 1) === 1;
      else code = this.#perform(words);
      if (code !== undefined) break;
    }
    if (isFramed) this.#frame(">>>\n");
    return code ?? 0;
  }

  #perform([op = "", a = "", b = "", c = ""]: readonly string[]): number | undefined {
    switch (op) {
      case "read":
        return this.#absorbRead(a);
      case "probe":
        return this.#describe(a, "stat");
      case "look":
        return this.#describe(a, "look");
      case "readlink":
        return this.#readLink(a);
      case "list":
        return this.#list(a, { isDeep: false });
      case "walk":
        return this.#list(a, { isDeep: true });
      case "reopen":
        return this.#absorbRead(a);
      case "within":
        return this.#absorbContent(this.#read(`${a}/${b}`));
      case "pipe":
        return this.#absorbPiped(a);
      case "env":
        return this.#absorb(this.#world.environment[a] ?? "\x01unset");
      case "know":
        return this.#know(a);
      case "print":
        return this.#print(1, this.#textOf(a));
      case "warn":
        return this.#print(2, this.#textOf(a));
      case "bytes":
        return this.#print(1, Buffer.from("00fffe0dc3280a", "hex"));
      case "spawn":
        return this.#absorb(`${this.#world.spawn(a, [b, this.#prefix, `${this.#seen}`])}`);
      case "pause":
        this.#world.pause?.();
        return undefined;
      case "exit":
        return Number(a);
      default:
        return this.#change([op, a, b, c]);
    }
  }

  #change([op = "", a = "", b = "", c = ""]: readonly string[]): number | undefined {
    switch (op) {
      case "write":
        return this.#write(a, this.#textOf(b));
      case "script":
        this.#write(a, this.#textOf(b));
        return this.#chmod(a, c);
      case "append":
        return this.#append(a, this.#textOf(b));
      case "poke":
        return this.#poke(a, Buffer.from(b), { canGrow: true });
      case "atomic":
        return this.#atomic(a, this.#textOf(b));
      case "update":
        return this.#update(a, this.#textOf(b));
      case "patch":
        return this.#patch(a, this.#textOf(b));
      case "resume":
        return this.#resume(a, Buffer.concat([stateMark, this.#textOf(b)]));
      case "exclusive":
        return this.#exclusive(a, this.#textOf(b));
      case "copy":
        return this.#copy(a, b);
      case "mkdir":
        return this.#makeDirectories(a);
      case "link":
        return this.#link(a, b);
      case "hardlink":
        return this.#hardLink(a, b);
      case "chmod":
        return this.#chmod(a, b);
      case "delete":
        return this.#delete(a);
      case "rename":
        return this.#rename(a, b);
      case "empty":
        // Made where it is missing, or what follows would depend on an earlier run's work.
        this.#empty(a);
        this.#makeDirectories(a);
        return this.#know(a);
      case "clear":
        this.#empty(a);
        this.#removeDirectory(a);
        return this.#know(a);
      case "format":
        return this.#format(a, { isAlways: false });
      case "reformat":
        return this.#format(a, { isAlways: true });
      default:
        return this.#changeByOtherCalls([op, a, b]);
    }
  }

  /** What `interpreter.c` does by calls that few programs make is here done by plain ones. */
  #changeByOtherCalls([op = "", a = "", b = ""]: readonly string[]): number | undefined {
    switch (op) {
      case "map":
        return this.#write(a, this.#textOf(b));
      case "map-over":
        return this.#poke(a, Buffer.from(b), { canGrow: false });
      case "clone":
        return this.#clone(a, b);
      case "unnamed":
        this.#unlink(a);
        this.#absorb(this.#put(a, "wx", this.#textOf(b)));
        return this.#know(a);
      case "exchange":
        return this.#exchange(a, b);
      case "cut":
        return this.#cut(a, this.#textOf(b));
      case "switch":
        this.#link(`${a}.tmp`, b);
        this.#absorb(this.#move(`${a}.tmp`, a));
        this.#know(a);
        return this.#absorbContent(this.#read(`${a}/a`));
      case "replace":
        return this.#replaceDirectory(a, this.#textOf(b));
      case "prune":
        return this.#prune(a);
      case "touch":
        return this.#setTimes(a);
      default:
        return 113;
    }
  }

  #at(path: string): string {
    return join(this.#world.root, path);
  }

  #touch(touch: Touch, path: string): void {
    this.#world.touch?.(touch, path);
  }

  #print(stream: 1 | 2, bytes: Uint8Array): undefined {
    this.#world.print(stream, bytes);
  }

  #frame(mark: string): void {
    for (const stream of [1, 2] as const) this.#print(stream, Buffer.from(mark));
  }

  #absorb(text: string | Uint8Array): undefined {
    for (const byte of typeof text === "string" ? Buffer.from(text) : text)
      this.#seen = Math.imul(this.#seen ^ byte, 16777619) >>> 0;
    this.#seen = Math.imul(this.#seen, 16777619) >>> 0;
  }

  #textOf(text: string): Buffer {
    return Buffer.from(`${text} ${this.#seen.toString(16).padStart(8, "0")}\n`);
  }

  #isOwnName(name: string): boolean {
    return name.startsWith(this.#prefix) || name.startsWith("w-");
  }

  #isOwn(path: string): boolean {
    return path.split("/").some((name) => this.#isOwnName(name));
  }

  /** What the program finds at a path of its own is told by nothing but what it did itself. */
  #counts(path: string): boolean {
    return !this.#isOwn(path) || this.#known.has(path);
  }

  #know(path: string): undefined {
    this.#known.add(path);
  }

  #read(path: string): Content {
    this.#touch("read", path);
    return attempt(() => ({ bytes: readFileSync(this.#at(path)) }));
  }

  #absorbContent(content: Content): undefined {
    this.#absorb("problem" in content ? content.problem : content.bytes);
  }

  #absorbRead(path: string): undefined {
    const content = this.#read(path);
    if (this.#counts(path)) this.#absorbContent(content);
  }

  /** Another process reads it, and says nothing of what is wrong. */
  #absorbPiped(path: string): undefined {
    const content = this.#read(path);
    if (this.#counts(path)) this.#absorb("problem" in content ? "" : content.bytes);
  }

  #describe(path: string, touch: "look" | "stat"): undefined {
    this.#touch(touch, path);
    const stat = touch === "look" ? lstatSync : statSync;
    const stats = attempt(() => stat(this.#at(path)));
    if (this.#counts(path)) this.#absorb("problem" in stats ? stats.problem : describe(stats));
  }

  #readLink(path: string): undefined {
    this.#touch("look", path);
    const target = attempt(() => ({ bytes: Buffer.from(readlinkSync(this.#at(path))) }));
    if (this.#counts(path)) this.#absorbContent(target);
  }

  #list(path: string, { isDeep }: { readonly isDeep: boolean }): undefined {
    this.#touch("list", path);
    const found = attempt(() => ({ names: entriesOf(this.#at(path)) }));
    if (!this.#counts(path)) return;
    if ("problem" in found) {
      this.#absorb(found.problem);
      return;
    }
    for (const [name, kind] of found.names) {
      if (this.#isOwnName(name)) continue;
      this.#absorb(name);
      this.#absorb(kind);
      const inner = `${path}/${name}`;
      if (isDeep && kind === "directory") this.#list(inner, { isDeep });
      if (isDeep && kind === "file") this.#absorbContent(this.#read(inner));
      if (isDeep && kind === "link") this.#readLink(inner);
    }
  }

  #makeDirectories(path: string): undefined {
    const names = path.split("/");
    for (let depth = 1; depth <= names.length; depth += 1) {
      const directory = names.slice(0, depth).join("/");
      const made = attempt(() => ({ ok: mkdirSync(this.#at(directory)) }));
      this.#touch("problem" in made ? "look" : "replace", directory);
    }
  }

  #makeParents(path: string): void {
    const end = path.lastIndexOf("/");
    if (end !== -1) this.#makeDirectories(path.slice(0, end));
  }

  /** Opens, writes, closes; returns "ok" or what was wrong. */
  #put(path: string, flag: "w" | "wx" | "r+", data: Uint8Array): string {
    this.#touch(flag === "w" || flag === "wx" ? "replace" : "use", path);
    const open = (): { readonly fd: number } => ({ fd: openSync(this.#at(path), flag) });
    let opened = attempt(open);
    if ("problem" in opened && opened.code === "ENOENT" && flag !== "r+") {
      this.#makeParents(path);
      opened = attempt(open);
    }
    if ("problem" in opened) return opened.problem;
    if (flag === "r+") ftruncateSync(opened.fd, 0);
    writeSync(opened.fd, data);
    closeSync(opened.fd);
    return "ok";
  }

  #write(path: string, data: Uint8Array): undefined {
    this.#absorb(this.#put(path, "w", data));
    this.#know(path);
  }

  #append(path: string, data: Uint8Array): undefined {
    if (this.#isOwn(path) && !this.#known.has(path)) return this.#write(path, data);
    this.#touch("use", path);
    // Without making the file, which "a" would do.
    const appended = attempt(() => {
      const flags = 0o2001; // O_WRONLY | O_APPEND on Linux
      const fd = openSync(this.#at(path), flags);
      writeSync(fd, data);
      closeSync(fd);
      return { ok: true };
    });
    this.#absorb("problem" in appended ? appended.problem : "ok");
  }

  /** Writes over the beginning and leaves the rest, without a look at either. */
  #poke(path: string, data: Uint8Array, { canGrow }: { readonly canGrow: boolean }): undefined {
    if (this.#isOwn(path) && !this.#known.has(path)) return this.#write(path, data);
    this.#touch("use", path);
    const poked = attempt(() => {
      const fd = openSync(this.#at(path), 0o1); // O_WRONLY on Linux
      const room = canGrow ? data.length : fstatSync(fd).size;
      writeSync(fd, data, 0, Math.min(data.length, room), 0);
      closeSync(fd);
      return { ok: true };
    });
    this.#absorb("problem" in poked ? poked.problem : "ok");
  }

  #atomic(path: string, data: Uint8Array): undefined {
    this.#absorb(this.#put(`${path}.tmp`, "w", data));
    this.#absorb(this.#move(`${path}.tmp`, path));
    this.#know(path);
  }

  #update(path: string, data: Buffer): undefined {
    const old = this.#read(path);
    if ("problem" in old || !old.bytes.equals(data)) this.#put(path, "w", data);
    this.#know(path);
  }

  /** As a tool with a state of its own: whatever it left there makes no difference, what another put there does. */
  #resume(path: string, data: Uint8Array): undefined {
    const old = this.#read(path);
    const isState = "problem" in old || old.bytes.subarray(0, stateMark.length).equals(stateMark);
    if (!isState) this.#absorbContent(old);
    this.#write(path, data);
  }

  #patch(path: string, data: Uint8Array): undefined {
    this.#touch("use", path);
    const flags = 0o102; // O_RDWR | O_CREAT on Linux
    const open = (): { readonly fd: number } => ({ fd: openSync(this.#at(path), flags) });
    let opened = attempt(open);
    if ("problem" in opened && opened.code === "ENOENT") {
      this.#makeParents(path);
      opened = attempt(open);
    }
    this.#know(path);
    if ("problem" in opened) return this.#absorb(opened.problem);
    readFileSync(opened.fd);
    ftruncateSync(opened.fd, 0);
    writeSync(opened.fd, data, 0, data.length, 0);
    closeSync(opened.fd);
  }

  #exclusive(path: string, data: Uint8Array): undefined {
    if (this.#put(path, "wx", data) === "exists") this.#put(path, "r+", data);
    this.#know(path);
  }

  #copy(from: string, to: string): undefined {
    const data = this.#read(from);
    if (!this.#counts(from)) return;
    this.#absorbContent(data);
    if ("bytes" in data) this.#write(to, data.bytes);
  }

  #clone(from: string, to: string): undefined {
    if (!this.#counts(from) || from === to) return;
    const data = this.#read(from);
    if ("problem" in data) return this.#absorb(data.problem);
    this.#write(to, data.bytes);
  }

  #cut(path: string, data: Uint8Array): undefined {
    this.#write(path, data);
    const made = attempt(() => ({ ok: truncateSync(this.#at(path), 6) }));
    this.#absorb("problem" in made ? made.problem : "ok");
  }

  #exchange(a: string, b: string): undefined {
    if (!this.#known.has(a) || !this.#known.has(b) || a === b) return;
    for (const path of [a, b]) this.#touch("replace", path);
    const made = attempt(() => {
      for (const path of [a, b]) lstatSync(this.#at(path));
      renameSync(this.#at(a), this.#at(`${a}.tmp`));
      renameSync(this.#at(b), this.#at(a));
      return { ok: renameSync(this.#at(`${a}.tmp`), this.#at(b)) };
    });
    this.#absorb("problem" in made ? made.problem : "ok");
  }

  #replaceDirectory(path: string, data: Uint8Array): undefined {
    this.#makeDirectories(`${path}.new`);
    this.#write(`${path}.new/x`, data);
    this.#empty(path);
    this.#removeDirectory(path);
    this.#touch("remove", `${path}.new/x`);
    this.#touch("replace", `${path}/x`);
    this.#absorb(this.#move(`${path}.new`, path));
    this.#know(path);
  }

  #setTimes(path: string): undefined {
    this.#touch("use", path);
    const made = attempt(() => ({ ok: utimesSync(this.#at(path), new Date(), new Date()) }));
    this.#absorb("problem" in made ? made.problem : "ok");
  }

  #link(path: string, target: string): undefined {
    this.#unlink(path);
    this.#touch("replace", path);
    const make = (): { readonly ok: unknown } => ({ ok: symlinkSync(target, this.#at(path)) });
    let made = attempt(make);
    if ("problem" in made && made.code === "ENOENT") {
      this.#makeParents(path);
      made = attempt(make);
    }
    this.#absorb("problem" in made ? made.problem : "ok");
    this.#know(path);
  }

  #hardLink(from: string, path: string): undefined {
    this.#makeParents(path);
    this.#unlink(path);
    this.#touch("share", from);
    this.#touch("replace", path);
    const made = attempt(() => ({ ok: linkSync(this.#at(from), this.#at(path)) }));
    this.#absorb("problem" in made ? made.problem : "ok");
    this.#know(path);
  }

  #chmod(path: string, mode: string): undefined {
    if (!this.#counts(path)) return;
    this.#touch("use", path);
    const made = attempt(() => ({ ok: chmodSync(this.#at(path), Number.parseInt(mode, 8)) }));
    this.#absorb("problem" in made ? made.problem : "ok");
  }

  #unlink(path: string): string {
    this.#touch("remove", path);
    const made = attempt(() => ({ ok: unlinkSync(this.#at(path)) }));
    return "problem" in made ? made.problem : "ok";
  }

  #delete(path: string): undefined {
    const result = this.#unlink(path);
    if (this.#counts(path)) this.#absorb(result);
    if (this.#isOwn(path)) this.#know(path);
  }

  #move(from: string, to: string): string {
    this.#touch("remove", from);
    this.#touch("replace", to);
    const made = attempt(() => ({ ok: renameSync(this.#at(from), this.#at(to)) }));
    return "problem" in made ? made.problem : "ok";
  }

  #rename(from: string, to: string): undefined {
    if (this.#isOwn(from) && !this.#known.has(from)) return;
    let result = this.#move(from, to);
    if (result === "missing") {
      this.#makeParents(to);
      result = this.#move(from, to);
    }
    this.#absorb(result);
    this.#know(from);
    this.#know(to);
  }

  #empty(path: string): void {
    this.#touch("list", path);
    const found = attempt(() => ({ names: entriesOf(this.#at(path)) }));
    if ("problem" in found) return;
    for (const [name, kind] of found.names) {
      const inner = `${path}/${name}`;
      if (kind !== "directory") {
        this.#unlink(inner);
        continue;
      }
      this.#empty(inner);
      this.#removeDirectory(inner);
    }
  }

  #removeDirectory(path: string): void {
    this.#touch("remove", path);
    attempt(() => ({ ok: rmdirSync(this.#at(path)) }));
  }

  /** Goes well only where nothing is in it. */
  #prune(path: string): undefined {
    this.#touch("list", path);
    const made = attempt(() => ({ ok: rmdirSync(this.#at(path)) }));
    if ("ok" in made) this.#touch("remove", path);
    this.#absorb("problem" in made ? made.problem : "ok");
  }

  #format(path: string, { isAlways }: { readonly isAlways: boolean }): undefined {
    const content = this.#read(path);
    if (!this.#counts(path)) return;
    this.#absorbContent(content);
    if ("problem" in content) return;
    const text = content.bytes.toString("latin1");
    const formatted = text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
    if (!isAlways && formatted === text) return;
    this.#absorb(this.#put(path, "r+", Buffer.from(formatted, "latin1")));
  }
}

const stateMark = Buffer.from("state ");

type Failure = { readonly problem: string; readonly code: string };

function attempt<T extends object>(act: () => T): T | Failure {
  try {
    return act();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "") throw error;
    return { problem: problems[code] ?? "error", code };
  }
}

const problems: Readonly<Record<string, string>> = {
  ENOENT: "missing",
  ENOTDIR: "missing",
  ELOOP: "loop",
  EISDIR: "directory",
  EEXIST: "exists",
  EINVAL: "invalid",
};

function describe(stats: Stats): string {
  if (stats.isFile()) return `file ${(stats.mode & 0o100) === 0 ? 0 : 1} ${stats.size}`;
  return stats.isDirectory() ? "directory" : stats.isSymbolicLink() ? "link" : "other";
}

function entriesOf(directory: string): readonly (readonly [string, string])[] {
  const entries = readdirSync(directory, { withFileTypes: true });
  return entries
    .map((entry) => {
      const isOther = !(entry.isFile() || entry.isDirectory() || entry.isSymbolicLink());
      const kind = entry.isFile() ? "file" : entry.isDirectory() ? "directory" : "link";
      return [entry.name, isOther ? "other" : kind] as const;
    })
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/**
 * The program that Node and Bun are given is this file.
 * @public called by the line that is put behind it
 */
export function main(): void {
  const place = process.env["PAUSE"];
  const pause = (): void => {
    if (place === undefined) return;
    const [reached, go] = [openSync(`${place}/reached`, "w"), openSync(`${place}/go`, "r")];
    writeSync(reached, "x");
    readSync(go, Buffer.alloc(1));
    closeSync(reached);
    closeSync(go);
  };
  process.exitCode = interpret(process.argv.slice(2), {
    root: "",
    environment: process.env,
    print: (stream, bytes) => writeSync(stream, bytes),
    pause,
    spawn: (kind, args) => {
      const isShell = kind === "shell";
      const shell = ["-c", 'task-static "$@"', "sh", ...args];
      const command = isShell ? "sh" : kind;
      return spawnSync(command, isShell ? shell : args, { stdio: "inherit" }).status ?? 255;
    },
  });
}
