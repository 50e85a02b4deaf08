// The script of the GitHub Action, with what a runner gives it.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "../../package.json";
import { hostTarget } from "../../scripts/targets.ts";
import { cacheLayout } from "../../src/cache/layout.ts";
import { openReleases, type ReleaseServer } from "../harness/release-server.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { patience, vtPath } from "../harness/vt.ts";

setDefaultTimeout(patience);

const action = join(import.meta.dir, "../../action");
const host = hostTarget();

let releases: ReleaseServer;
beforeAll(async () => {
  releases = await openReleases({ [host.name]: vtPath });
});
afterAll(async () => {
  await releases[Symbol.asyncDispose]();
});

/** What a runner sets, for a push to `main`. */
function runner(directory: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    RUNNER_TEMP: directory,
    RUNNER_OS: "Linux",
    RUNNER_ARCH: "X64",
    GITHUB_SERVER_URL: new URL(releases.url).origin,
    GITHUB_EVENT_NAME: "push",
    GITHUB_REF: "refs/heads/main",
    GITHUB_RUN_ID: "71",
    GITHUB_RUN_ATTEMPT: "2",
    GITHUB_OUTPUT: join(directory, "output"),
    GITHUB_PATH: join(directory, "path"),
  };
}

type Variables = Readonly<Record<string, string>>;

/** Runs a step of action.yml; `file` is what it wrote for the runner. */
async function perform(
  script: "setup.sh" | "cache.sh",
  directory: string,
  variables: Variables,
): Promise<{ readonly exitCode: number; readonly text: string; readonly file: string }> {
  const environment = { ...runner(directory), ...variables };
  const child = Bun.spawn(["sh", join(action, script)], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const exitCode = await child.exited;
  const written = script === "setup.sh" ? "GITHUB_PATH" : "GITHUB_OUTPUT";
  const file = Bun.file(environment[written] ?? "");
  const text = (await file.exists()) ? await file.text() : "";
  return { exitCode, text: out + errors, file: text };
}

test("vt of a release is installed for the later steps", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const done = await perform("setup.sh", path, { RELEASES: releases.url });
  expect(done).toMatchObject({ exitCode: 0, file: `${join(path, "vt-bin")}\n` });
  const vt = Bun.spawnSync([join(path, "vt-bin/vt"), "--version"]);
  expect(vt.stdout.toString()).toBe(`vt ${version}\n`);
});

test("a checksum that does not fit ends the job, and the releases of the action's own repository are the default", async () => {
  await using directory = await temporaryDirectory();
  const wrong = { RELEASES: releases.url, VERSION: version, CHECKSUM: "0".repeat(64) };
  const done = await perform("setup.sh", directory.path, wrong);
  expect(done).toMatchObject({ exitCode: 1, file: "" });
  expect(done.text).toContain("is not what was published");
  const own = await perform("setup.sh", directory.path, { ACTION_REPOSITORY: "owner/name" });
  expect(own.exitCode).toBe(1);
  expect(own.text).toContain(
    "/owner/name/releases/latest/download/SHA256SUMS cannot be downloaded",
  );
});

const prefix = `vt-Linux-X64-${cacheLayout}-`;

/** What cache.sh says of a run on `main`, where that is trusted. */
async function decide(variables: Variables): Promise<string> {
  await using directory = await temporaryDirectory();
  return (await perform("cache.sh", directory.path, { TRUSTED_BRANCHES: "main", ...variables }))
    .file;
}

test("a run of a trusted branch restores and saves, under a key of its own", async () => {
  expect(await decide({ CACHE: "true" })).toBe(`use=save\nkey=${prefix}71-2\nprefix=${prefix}\n`);
});

test.each<readonly [use: string, variables: Variables]>([
  ["off", {}],
  ["off", { CACHE: "false" }],
  ["restore", { CACHE: "true", GITHUB_REF: "refs/heads/feature" }],
  ["restore", { CACHE: "true", GITHUB_REF: "refs/heads/main-2" }],
  ["restore", { CACHE: "true", GITHUB_REF: "refs/tags/main" }],
  [
    "restore",
    { CACHE: "true", GITHUB_EVENT_NAME: "pull_request", GITHUB_REF: "refs/pull/1/merge" },
  ],
  // These run with the ref of the default branch, whoever made the pull request.
  ["restore", { CACHE: "true", GITHUB_EVENT_NAME: "pull_request_target" }],
  ["restore", { CACHE: "true", GITHUB_EVENT_NAME: "workflow_run" }],
  ["restore", { CACHE: "true", GITHUB_EVENT_NAME: "issue_comment" }],
  ["restore", { CACHE: "true", TRUSTED_BRANCHES: "" }],
  ["save", { CACHE: "true", TRUSTED_BRANCHES: "next main" }],
  ["save", { CACHE: "true", GITHUB_EVENT_NAME: "schedule" }],
])("the cache is for %s where %j", async (use, variables) => {
  expect(await decide(variables)).toStartWith(`use=${use}\n`);
});

test("jobs of one run are told apart by a suffix", async () => {
  const said = await decide({ CACHE: "true", CACHE_SUFFIX: "node-24" });
  expect(said).toContain(`key=${prefix}node-24-71-2\nprefix=${prefix}node-24-\n`);
});

test("action.yml uses every input, and its scripts read every variable that they are given", () => {
  const definition = readFileSync(join(action, "action.yml"), "utf8");
  const { runs, inputs } = Bun.YAML.parse(definition) as {
    runs: { steps: readonly { env?: object }[] };
    inputs: object;
  };
  const scripts = ["setup.sh", "cache.sh", "../devcontainer/src/vt/install.sh"]
    .map((name) => readFileSync(join(action, name), "utf8"))
    .join("");
  for (const name of runs.steps.flatMap(({ env = {} }) => Object.keys(env)))
    expect(scripts).toMatch(new RegExp(`\\$\\{?${name}\\b`));
  for (const name of Object.keys(inputs)) expect(definition).toContain(`inputs.${name}`);
  expect(scripts).toContain(`layout=${cacheLayout}\n`);
});
