// The scripts of `vt completion` in the shells themselves, with a terminal: Tab is pressed, and what then
// stands on the line is run.
import { describe, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { absolutePath } from "../../src/base/path.ts";
import { patience, vtPath } from "../harness/vt.ts";
import { waitFor } from "../harness/wait.ts";
import { writeFiles } from "../workspace/write-files.ts";

// What a script prints stands nowhere else, not beside a candidate either.
const files = {
  "package.json": {
    name: "root",
    workspaces: ["packages/*"],
    scripts: { "compile-all": "echo ran-$((40 + 2))-compile", "odd; name": "echo odd" },
  },
  "packages/library/package.json": {
    name: "@acme/library",
    scripts: {
      "check:types": "echo ran-$((40 + 2))-types",
      "check:style": "echo ran-$((40 + 2))-style",
    },
  },
  "packages/other/package.json": {
    name: "other",
    scripts: { start: "echo ran-$((40 + 2))-start" },
  },
};

type ShellTest = {
  readonly command: readonly string[];
  /** What loads the script, once it is up. */
  readonly load: string;
};

const shellTests: Readonly<Record<string, ShellTest>> = {
  bash: {
    command: ["bash", "--norc", "--noprofile", "-i"],
    load: 'eval "$(vt completion bash)"',
  },
  zsh: {
    command: ["zsh", "-f", "-i"],
    load: 'autoload -U compinit; compinit -u -D; eval "$(vt completion zsh)"',
  },
  fish: { command: ["fish", "--no-config", "-i"], load: "vt completion fish | source" },
};

/** What is typed, up to a Tab; what is typed after it; what the line then prints. */
const lines: readonly (readonly [before: string, after: string, output: string])[] = [
  ["vt ru", "compile-all", "ran-42-compile"],
  ["vt run comp", "", "ran-42-compile"],
  ["vt run @acme/lib", "types", "ran-42-types"],
  ["vt run @acme/library#check:t", "", "ran-42-types"],
  ["vt run -r check:s", "", "ran-42-style"],
  ["vt run -F oth", "start", "ran-42-start"],
  ["vt run --filter=oth", "start", "ran-42-start"],
  ["vt run --filter=@acme/l", "check:types", "ran-42-types"],
  ["vt graph --format d", "compile-all", "digraph"],
  ["vtr comp", "", "ran-42-compile"],
  ["vtr -F oth", "start", "ran-42-start"],
];

describe.each(Object.entries(shellTests))("Tab", (shell, { command, load }) => {
  const isThere = Bun.which(shell) !== null;
  test.skipIf(!isThere)(
    `completes commands, packages and tasks in ${shell}${isThere ? "" : ` (needs ${shell})`}`,
    async () => {
      await using session = await openShell(command);
      await session.type(`${load}\rvt --version\r`, "vt 0.");
      for (const [before, after, output] of lines) {
        await session.type(`${before}\t${after}\r`, output);
      }
    },
    patience,
  );
});

type Session = AsyncDisposable & {
  /** Types `keys` and waits for what then is printed. */
  readonly type: (keys: string, output: string) => Promise<void>;
};

async function openShell(command: readonly string[]): Promise<Session> {
  const base = await mkdtemp(join(tmpdir(), "shell-"));
  const root = absolutePath(join(base, "workspace"));
  const home = join(base, "home");
  await mkdir(home, { recursive: true });
  writeFiles(root, files);
  let screen = "";
  const decoder = new TextDecoder();
  const bin = join(base, "bin");
  await mkdir(bin);
  // As the npm package brings it.
  await writeFile(join(bin, "vtr"), '#!/bin/sh\nexec vt run "$@"\n', { mode: 0o755 });
  const path = `${bin}:${dirname(vtPath)}:${process.env["PATH"]}`;
  const shell = Bun.spawn([...command], {
    cwd: root,
    env: { PATH: path, HOME: home, TERM: "xterm", PS1: "> " },
    terminal: {
      cols: 200,
      rows: 50,
      data: (_, bytes) => {
        screen += decoder.decode(bytes, { stream: true });
      },
    },
  });
  const { terminal } = shell;
  if (terminal === undefined) throw new Error("there is no terminal");
  return {
    type: async (keys, output) => {
      const start = screen.length;
      terminal.write(keys);
      const isThere = (): boolean => screen.slice(start).includes(output);
      await waitFor(`${output} after ${JSON.stringify(keys)}`, isThere);
    },
    [Symbol.asyncDispose]: async () => {
      terminal.write("\x03\rexit\r");
      await shell.exited;
      terminal.close();
      await rm(base, { recursive: true });
    },
  };
}
