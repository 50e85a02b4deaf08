// The examples of docs/ci.md: the shell one is run, of the others nothing is known here but that they can be read.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { vtPath } from "../harness/vt.ts";
import { copyWorkspace } from "../harness/workspace.ts";

const page = readFileSync(join(import.meta.dir, "../../docs/ci.md"), "utf8");

function examples(language: string): readonly string[] {
  const found = page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs"));
  return [...found].map(([, text = ""]) => text);
}

test("the example for any system saves on the main branch and hits in the next checkout, also in a run that may not save", async () => {
  await using workspace = await copyWorkspace(join(import.meta.dir, "fixtures/init-scripts"));
  const { root, home } = workspace;
  const [example = ""] = examples("sh");
  const run = async (branch: string): Promise<string> => {
    await rm(join(root, ".vt-cache"), { recursive: true, force: true });
    await mkdir(join(root, "node_modules/.bin"), { recursive: true });
    await rm(join(root, "node_modules/.bin/vt"), { force: true });
    await symlink(vtPath, join(root, "node_modules/.bin/vt"));
    const child = Bun.spawn(["sh", "-c", `npx vt init >/dev/null 2>&1 || true; ${example}`], {
      cwd: root,
      env: {
        PATH: process.env["PATH"],
        HOME: home,
        TMPDIR: workspace.temporary,
        STORE: home,
        BRANCH: branch,
        TRIGGER: "push",
        npm_config_update_notifier: "false",
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const text = await new Response(child.stdout).text();
    expect(await child.exited).toBe(0);
    return text;
  };
  expect(await run("feature")).not.toContain("cache hit, replaying");
  expect(await run("main")).not.toContain("cache hit, replaying");
  expect(await run("feature")).toContain("cache hit, replaying");
});

test("the examples for GitHub and GitLab are YAML", () => {
  const [github, gitlab] = examples("yaml").map((text) => Bun.YAML.parse(text));
  expect(github).toMatchObject({ permissions: { contents: "read" } });
  expect(gitlab).toMatchObject({ ".vt": { cache: { policy: "pull" } } });
});
