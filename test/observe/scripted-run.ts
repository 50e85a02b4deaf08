import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import type { ListedKind } from "../../src/base/directory.ts";
import { type AbsolutePath, resolvePath } from "../../src/base/path.ts";
import { type Stamp, stampKind } from "../../src/native/stamp.ts";
import { statBatch } from "../../src/native/stat.ts";
import type { Access, AccessKind, OpenFlags } from "../../src/trace/access.ts";

const truncating: OpenFlags = {
  canRead: false,
  creates: true,
  isExclusive: false,
  truncates: true,
  appends: false,
};

/** A program that does real things to a real directory, and notes each as the tracer would. */
export class ScriptedRun {
  readonly accesses: Access[] = [];
  readonly #root: AbsolutePath;

  constructor(root: AbsolutePath) {
    this.#root = root;
  }

  at(path: string): AbsolutePath {
    return resolvePath(this.#root, path);
  }

  probe(path: string): this {
    return this.#look("probe", path);
  }

  read(path: string): this {
    return this.#look("read", path);
  }

  /** Starts a program, of which nothing is done. */
  execute(path: string): this {
    return this.#note("execute", path, { stamp: this.#stamp(path), isFollowing: true });
  }

  list(path: string): this {
    const stamp = this.#stamp(path);
    const listing = new Map<string, ListedKind>();
    if (stampKind(stamp) === "directory") {
      for (const entry of readdirSync(this.at(path), { withFileTypes: true })) {
        const kind = entry.isFile() ? "file" : entry.isDirectory() ? "directory" : "link";
        listing.set(entry.name, kind);
      }
    }
    return this.#note("list", path, { stamp, listing });
  }

  write(path: string, content: string): this {
    this.#note("write", path, { stamp: this.#stamp(path), flags: truncating });
    writeFileSync(this.at(path), content);
    return this;
  }

  append(path: string, content: string): this {
    const flags = { ...truncating, truncates: false, appends: true };
    this.#note("write", path, { stamp: this.#stamp(path), flags });
    appendFileSync(this.at(path), content);
    return this;
  }

  /** Opens for reading and writing, as `sed -i` or a linker does, and changes the content. */
  update(path: string, content: string): this {
    const flags = { ...truncating, canRead: true, creates: false, truncates: false };
    this.#note("write", path, { stamp: this.#stamp(path), flags });
    writeFileSync(this.at(path), content);
    return this;
  }

  /** Opens for writing and then writes nothing. */
  openOnly(path: string): this {
    const flags = { ...truncating, creates: false, truncates: false };
    return this.#note("write", path, { stamp: this.#stamp(path), flags });
  }

  mkdir(path: string): this {
    const stamp = this.#stamp(path);
    const isThere = stampKind(stamp) !== "missing";
    this.#note("make-directory", path, { stamp, result: isThere ? "refused" : "ok" });
    if (!isThere) mkdirSync(this.at(path));
    return this;
  }

  link(path: string, target: string): this {
    this.#note("make-link", path, { stamp: this.#stamp(path), text: target });
    symlinkSync(target, this.at(path));
    return this;
  }

  chmod(path: string, mode: number): this {
    this.#note("metadata", path, { stamp: this.#stamp(path) });
    chmodSync(this.at(path), mode);
    return this;
  }

  remove(path: string): this {
    const stamp = this.#stamp(path);
    this.#note("remove", path, { stamp });
    if (stampKind(stamp) === "directory") rmdirSync(this.at(path));
    else unlinkSync(this.at(path));
    return this;
  }

  rename(path: string, target: string): this {
    this.read(path);
    this.#note("rename", path, { target: this.at(target), stamp: this.#stamp(target) });
    renameSync(this.at(path), this.at(target));
    return this;
  }

  /** The source, or the directory of the target, is not there. */
  renameInVain(path: string, target: string): this {
    this.read(path);
    const stamp = this.#stamp(target);
    return this.#note("rename", path, { target: this.at(target), stamp, result: "missing" });
  }

  /** The directory for it is not there. */
  writeInVain(path: string): this {
    const stamp = this.#stamp(path);
    return this.#note("write", path, { stamp, flags: truncating, result: "missing" });
  }

  hardLink(path: string, target: string): this {
    this.read(path);
    this.#note("hard-link", path, { target: this.at(target), stamp: this.#stamp(target) });
    linkSync(this.at(path), this.at(target));
    return this;
  }

  /** A look through links that lead nowhere. */
  refused(path: string): this {
    return this.#note("read", path, { result: "refused", isFollowing: true });
  }

  /** As a run is seen by something that learns of calls before they are made. */
  withoutResults(): this {
    const accesses = this.accesses.map((access): Access => ({ ...access, result: "unknown" }));
    this.accesses.splice(0, accesses.length, ...accesses);
    return this;
  }

  content(path: string): string {
    return readFileSync(this.at(path), "utf8");
  }

  #look(kind: "probe" | "read", path: string): this {
    return this.#note(kind, path, { stamp: this.#stamp(path) });
  }

  #stamp(path: string): Stamp {
    const stamp = statBatch([this.at(path)])[0];
    if (stamp === undefined) throw new Error("no stamp");
    return stamp;
  }

  #note(kind: AccessKind, path: string, more: Partial<Access>): this {
    const isMissing = more.stamp !== undefined && stampKind(more.stamp) === "missing";
    const isLook = kind === "probe" || kind === "read" || kind === "list";
    this.accesses.push({
      kind,
      path: this.at(path),
      result: isLook && isMissing ? "missing" : "ok",
      isFollowing: false,
      pid: 1,
      ...more,
    });
    return this;
  }
}
