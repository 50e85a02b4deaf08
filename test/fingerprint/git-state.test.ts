import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { resolvePath } from "../../src/base/path.ts";
import { findGit, headCommit, indexHash } from "../../src/fingerprint/git-state.ts";
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
