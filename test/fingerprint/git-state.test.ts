import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { resolvePath } from "../../src/base/path.ts";
import {
  findGit,
  headCommit,
  indexHash,
  refsState,
  splitGitPath,
} from "../../src/fingerprint/git-state.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

async function repository() {
  const directory = await temporaryDirectory();
  const git = (...args: string[]): string => {
    const child = Bun.spawnSync(["git", "-c", "user.name=a", "-c", "user.email=b", ...args], {
      cwd: directory.path,
      env: { PATH: process.env["PATH"], HOME: directory.path, GIT_CONFIG_NOSYSTEM: "1" },
    });
    if (!child.success) throw new Error(child.stderr.toString());
    return child.stdout.toString().trim();
  };
  git("init", "-q");
  const dotGit = resolvePath(directory.path, ".git");
  return {
    directory,
    git,
    dotGit,
    place: { workTree: directory.path, directory: dotGit, common: dotGit },
  };
}

test("the commit is the one that git itself finds, loose, packed, on a branch or detached", async () => {
  const { directory, git, place } = await repository();
  await using _ = directory;
  const branch = git("symbolic-ref", "HEAD");
  expect(headCommit(place)).toBe(`${branch} `);
  git("commit", "-qm", "one", "--allow-empty");
  expect(headCommit(place)).toBe(`${branch} ${git("rev-parse", "HEAD")}`);
  git("pack-refs", "--all");
  expect(headCommit(place)).toBe(`${branch} ${git("rev-parse", "HEAD")}`);
  git("commit", "-qm", "two", "--allow-empty");
  expect(headCommit(place)).toBe(`${branch} ${git("rev-parse", "HEAD")}`);
  git("checkout", "-q", "--detach", "HEAD~1");
  expect(headCommit(place)).toBe(git("rev-parse", "HEAD"));
});

test("a directory of refs is what is directly in it, loose or packed", async () => {
  const { directory, git, dotGit } = await repository();
  await using _ = directory;
  const states = (...names: string[]): string[] => names.map((name) => refsState(dotGit, name));
  const all = ["refs", "refs/tags", "refs/tags/of", "refs/tags/v1", "refs/tags/of/a/package"];
  git("commit", "-qm", "one", "--allow-empty");
  expect(states("refs/tags", "refs/tags/v1")).toEqual(["", ""]);
  git("tag", "v1");
  git("tag", "of/one");
  git("tag", "of/a/package");
  const loose = states(...all);
  expect(loose.slice(3)).toEqual([git("rev-parse", "HEAD"), git("rev-parse", "HEAD")]);
  git("pack-refs", "--all", "--no-prune");
  expect(states(...all)).toEqual(loose);
  git("tag", "of/two");
  expect(states("refs", "refs/tags")).toEqual(loose.slice(0, 2));
  expect(states("refs/tags/of")).not.toEqual(loose.slice(2, 3));
  const before = states("refs/tags");
  git("commit", "-qm", "two", "--allow-empty");
  git("tag", "-f", "v1");
  expect(states("refs/tags")).not.toEqual(before);
});

test("refs that are packed, in a directory that is not there any more, count where that would be listed", async () => {
  const { directory, git, dotGit } = await repository();
  await using _ = directory;
  git("commit", "-qm", "one", "--allow-empty");
  git("tag", "of/one");
  git("pack-refs", "--all");
  const before = refsState(dotGit, "refs/tags");
  expect(before).not.toBe("");
  git("commit", "-qm", "two", "--allow-empty");
  git("tag", "-f", "of/one");
  git("pack-refs", "--all");
  expect(refsState(dotGit, "refs/tags")).not.toBe(before);
});

test("of what lies in .git, commits, refs and what is staged count, also a submodule's", () => {
  const parts = (path: string): unknown => {
    const found = splitGitPath(path);
    return found && [found.submodule, found.name];
  };
  expect(parts("HEAD")).toEqual([undefined, "HEAD"]);
  expect(parts("refs/heads/HEAD")).toEqual([undefined, "refs/heads/HEAD"]);
  expect(parts("reftable/tables.list")).toEqual([undefined, "reftable/tables.list"]);
  expect(parts("modules/a/b/index")).toEqual(["modules/a/b", "index"]);
  expect(parts("modules/a/refs/heads/HEAD")).toEqual(["modules/a", "refs/heads/HEAD"]);
  for (const book of ["config", "logs/HEAD", "ORIG_HEAD", "modules/a/config", "objects/ab/cd"])
    expect(parts(book)).toBeUndefined();
});

for (const version of ["2", "3", "4"]) {
  test(`entries of an index of version ${version} count, times of files do not`, async () => {
    const { directory, git, dotGit } = await repository();
    await using _ = directory;
    const hash = (): bigint | undefined => indexHash(readFileSync(`${dotGit}/index`));
    mkdirSync(`${directory.path}/src`);
    for (const name of ["a", "src/b", "src/a-longer-name", "zz"])
      writeFileSync(`${directory.path}/${name}`, name);
    git("update-index", "--index-version", version);
    git("add", ".");
    if (version === "3") git("update-index", "--skip-worktree", "zz");
    const first = hash();
    expect(first).toBeDefined();
    utimesSync(`${directory.path}/a`, 1, 1);
    git("update-index", "--refresh");
    expect(hash()).toBe(first);
    git("update-index", "--chmod=+x", "a");
    const executable = hash();
    expect(executable).not.toBe(first);
    renameSync(`${directory.path}/a`, `${directory.path}/c`);
    git("add", "-A");
    expect(hash()).not.toBe(executable);
  });
}

test("an index of another format has no hash", () => {
  expect(indexHash(Buffer.from("DIRC"))).toBeUndefined();
  expect(indexHash(Buffer.from("DIRC\0\0\0\x05\0\0\0\0"))).toBeUndefined();
  expect(indexHash(Buffer.from("DIRC\0\0\0\x02\0\0\0\x01"))).toBeUndefined();
});

test("the repository is found from below, and from a work tree that is linked to it", async () => {
  const { directory, git, place } = await repository();
  await using _ = directory;
  git("commit", "-qm", "one", "--allow-empty");
  git("worktree", "add", "-q", "../linked", "-b", "other");
  git("commit", "-qm", "two", "--allow-empty");
  mkdirSync(`${directory.path}/below/it`, { recursive: true });
  expect(findGit(resolvePath(directory.path, "below/it"))).toEqual(place);
  const linked = findGit(resolvePath(directory.path, "../linked"));
  expect(linked?.common).toBe(place.common);
  expect(linked && headCommit(linked)).toBe(`refs/heads/other ${git("rev-parse", "other")}`);
  expect(findGit(resolvePath(directory.path, ".."))).toBeUndefined();
});
