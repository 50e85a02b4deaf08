import { expect, test } from "bun:test";
import { type ErrorCode, UserError } from "../../src/base/error.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { type Files, writeFiles } from "../workspace/write-files.ts";
import { loadContext, select } from "./query-workspace.ts";

/** Runs `vt run <args>` in `files`, as far as selecting goes. The root shows as `~`. */
async function failure(files: Files, args: readonly string[]): Promise<UserError> {
  await using directory = await temporaryDirectory();
  writeFiles(directory.path, { "package.json": "{}", ...files });
  try {
    select(await loadContext(directory.path), args);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const message = error.message.replaceAll(directory.path, "~");
    return new UserError(message, { code: error.code, hint: error.hint, cause: error });
  }
  throw new Error("nothing was wrong");
}

type Case = readonly [text: string | Uint8Array, message: string, hint?: string];

function check(code: ErrorCode, file: string, cases: Readonly<Record<string, Case>>): void {
  for (const [what, [text, message, hint]] of Object.entries(cases)) {
    test(`${file}: ${what} is an error that says where`, async () => {
      const error = await failure({ [file]: text }, ["x"]);
      expect(error.message).toBe(`~/${file}${message}`);
      expect(error.code).toBe(code);
      expect(error.hint).toBe(hint);
    });
  }
}

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const task = (body: string): string => `{\n  "tasks": {\n    "x": ${body}\n  }\n}`;
const taskFields =
  "expected one of `command`, `cwd`, `dependsOn`, `timeout`, `cache`, `env`, `untrackedEnv`, `input`, `output`";

check("config-invalid", "vite-task.json", {
  "an empty file": ["", ":1:1: expected a value, found the end of the file"],
  "only a comment": ["// nothing\n", ":2:1: expected a value, found the end of the file"],
  "a list": ["[]", ":1:1: must be an object, not a list"],
  "a string": ['"x"', ':1:1: must be an object, not the string "x"'],
  "a missing brace": ['{\n  "tasks": {}', ":2:14: expected `,` or `}`, found the end of the file"],
  "a missing comma": ['{ "tasks": {}\n  "cache": true }', ':2:3: expected `,` or `}`, found `"`'],
  "a missing colon": ['{ "tasks" {} }', ":1:11: expected `:`, found `{`"],
  "two values": ["{}\n{}", ":2:1: expected the end of the file, found `{`"],
  "a key without quotes": ["{ tasks: {} }", ':1:3: expected a key in `"` or `}`, found `t`'],
  "single quotes": ["{ 'tasks': {} }", ":1:3: expected a key in `\"` or `}`, found `'`"],
  "an open string": ['{ "tasks: {} }\n}', ':1:3: a string that starts here has no closing `"`'],
  "an open comment": ["{} /* x", ":1:4: a comment that starts here has no end"],
  "a wrong escape": ['{ "\\x": 1 }', ":1:4: a backslash before `x` is no escape"],
  "a tab in a string": ['{ "a\tb": 1 }', ":1:5: a control character in a string must be escaped"],
  "a NUL": ["{}\0", ":1:3: expected the end of the file, found the control character 0"],
  "two commas": ['{ "tasks": {},, }', ':1:15: expected a key in `"` or `}`, found `,`'],
  "a number with a leading zero": ['{ "cache": 01 }', ":1:13: expected `,` or `}`, found `1`"],
  "a doubled key": ['{\n  "tasks": {},\n  "tasks": {}\n}', ':3:3: the key "tasks" is there twice'],
  "depth 10,000": [`{ "tasks": ${nested(10_000)} }`, ":1:211: nested more than 200 levels deep"],
  "10 MB": [`{}${" ".repeat(10_000_000)}`, " is larger than 8 MiB"],
  "UTF-16": [new Uint8Array([0xff, 0xfe, 0x7b, 0]), " is written in UTF-16", "save it as UTF-8"],
  "an unknown field": [
    '\ufeff{\n  "task": {}\n}',
    ":2:3: `task` is not a known field; expected one of `$schema`, `cache`, `enablePrePostScripts`, `tasks`",
    "did you mean `tasks`?",
  ],
  "`__proto__`": [
    '{ "__proto__": {} }',
    ":1:3: `__proto__` is not a known field; expected one of `$schema`, `cache`, `enablePrePostScripts`, `tasks`",
  ],
  "an unknown cache field": [
    '{ "cache": { "task": true } }',
    ":1:14: `cache.task` is not a known field; expected one of `scripts`, `tasks`",
    "did you mean `tasks`?",
  ],
  "a cache of a wrong type": [
    '{ "cache": "yes" }',
    ':1:12: `cache` must be true or false or an object, not the string "yes"',
  ],
  "a cache switch of a wrong type": [
    '{ "cache": { "tasks": 1 } }',
    ":1:23: `cache.tasks` must be true or false, not 1",
  ],
  "a hook switch of a wrong type": [
    '{ "enablePrePostScripts": null }',
    ":1:27: `enablePrePostScripts` must be true or false, not null",
  ],
  "a list of tasks": ['{ "tasks": [] }', ":1:12: `tasks` must be an object, not a list"],
  "a task that is a number": [
    task("3"),
    ":3:10: `tasks.x` must be a string or a list of strings or an object, not 3",
  ],
  "a command list with a number": [task('["a", 3]'), ":3:16: `tasks.x[1]` must be a string, not 3"],
  "a task without a command": [
    task("{}"),
    ":3:10: `tasks.x` lacks the field `command`, and ./ has no script `x`",
  ],
  "a command that is a number": [
    task('{ "command": 3 }'),
    ":3:23: `tasks.x.command` must be a string or a list of strings, not 3",
  ],
  "an unknown task field": [
    task('{ "comand": "y" }'),
    `:3:12: \`tasks.x.comand\` is not a known field; ${taskFields}`,
    "did you mean `command`?",
  ],
  "a task called `toString` with an unknown field": [
    '{ "tasks": { "toString": { "valueOf": 1 } } }',
    `:1:28: \`tasks.toString.valueOf\` is not a known field; ${taskFields}`,
  ],
  "a task without a name": [
    '{ "tasks": { "": "y" } }',
    ':1:14: `tasks[""]` is not a name for a task: it is empty or has control characters',
  ],
  "a task with a control character in its name": [
    '{ "tasks": { "a\\u0000b": "y" } }',
    ':1:14: `tasks["a\\u0000b"]` is not a name for a task: it is empty or has control characters',
  ],
  "a cwd that is no string": [
    task('{ "command": "y", "cwd": 1 }'),
    ":3:35: `tasks.x.cwd` must be a string, not 1",
  ],
  "a timeout that is no time": [
    task('{ "command": "y", "timeout": "soon" }'),
    ':3:39: `tasks.x.timeout` must be a time such as "90s", "10m" or "1h", at most 24 days, not "soon"',
  ],
  "a timeout of a month": [
    task('{ "command": "y", "timeout": "720h" }'),
    ':3:39: `tasks.x.timeout` must be a time such as "90s", "10m" or "1h", at most 24 days, not "720h"',
  ],
  "a dependsOn that is no list": [
    task('{ "command": "y", "dependsOn": "z" }'),
    ':3:41: `tasks.x.dependsOn` must be a list, not the string "z"',
  ],
  "a dependsOn object without from": [
    task('{ "command": "y", "dependsOn": [{ "task": "z" }] }'),
    ":3:42: `tasks.x.dependsOn[0]` lacks the field `from`",
  ],
  "a dependsOn object with a wrong from": [
    task('{ "command": "y", "dependsOn": [{ "task": "z", "from": "devDependency" }] }'),
    ':3:65: `tasks.x.dependsOn[0].from` must be "dependencies" or "devDependencies" or "peerDependencies" or a list, not the string "devDependency"',
    "did you mean `devDependencies`?",
  ],
  "a dependsOn object with an empty from": [
    task('{ "command": "y", "dependsOn": [{ "task": "z", "from": [] }] }'),
    ":3:65: `tasks.x.dependsOn[0].from` must not be empty",
  ],
  "a dependsOn object with an unknown key": [
    task('{ "command": "y", "dependsOn": [{ "task": "z", "from": ["dependencies"], "deep": 1 }] }'),
    ":3:83: `tasks.x.dependsOn[0].deep` is not a known field; expected one of `task`, `from`",
  ],
  "settings with the cache off": [
    task('{ "command": "y", "cache": false, "env": ["A"] }'),
    ":3:44: `tasks.x.env` has no effect: `cache` is false for this task",
  ],
  "a setting in both places": [
    task('{ "command": "y", "input": [],\n "cache": { "input": [] } }'),
    ":3:28: `tasks.x.input` is set a second time at ~/vite-task.json:4:13 (`tasks.x.cache.input`)",
    "keep one of the two",
  ],
  "an unknown cache setting": [
    task('{ "command": "y", "cache": { "inputs": [] } }'),
    ":3:39: `tasks.x.cache.inputs` is not a known field; expected one of `env`, `untrackedEnv`, `input`, `output`",
    "did you mean `input`?",
  ],
  "an env that is no list": [
    task('{ "command": "y", "env": { "A": "1" } }'),
    ":3:35: `tasks.x.env` must be a list of strings, not an object",
  ],
  "an input that is a string": [
    task('{ "command": "y", "input": "src" }'),
    ':3:37: `tasks.x.input` must be a list, not the string "src"',
  ],
  "an input entry that is a number": [
    task('{ "command": "y", "input": [1] }'),
    ":3:38: `tasks.x.input[0]` must be a string or an object, not 1",
  ],
  "an input entry with auto and pattern": [
    task('{ "command": "y", "input": [{ "auto": true, "pattern": "x" }] }'),
    ":3:54: `tasks.x.input[0].pattern` is not a known field; expected one of `auto`",
  ],
  "an input entry without a base": [
    task('{ "command": "y", "input": [{ "pattern": "x" }] }'),
    ":3:38: `tasks.x.input[0]` lacks the field `base`",
  ],
  "an input entry with a wrong base": [
    task('{ "command": "y", "input": [{ "pattern": "x", "base": "workspaces" }] }'),
    ':3:64: `tasks.x.input[0].base` must be "workspace" or "package", not the string "workspaces"',
    "did you mean `workspace`?",
  ],
  "an unclosed class in a glob": [
    task('{ "command": "y", "output": ["a", "["] }'),
    ':3:44: `tasks.x.output[1]` "[" has a `[` that is never closed',
  ],
  "an unclosed brace in a glob": [
    task('{ "command": "y", "cache": { "output": ["{a,b"] } }'),
    ':3:50: `tasks.x.cache.output[0]` "{a,b" has a `{` that is never closed',
  ],
  "a glob that leaves the workspace": [
    task('{ "command": "y", "input": ["!../out/**"] }'),
    ':3:38: `tasks.x.input[0]` "!../out/**" resolves outside the workspace root',
  ],
  "a glob that is absolute": [
    task('{ "command": "y", "input": ["/etc/*"] }'),
    ':3:38: `tasks.x.input[0]` "/etc/*" is absolute; write it relative',
  ],
  "an empty glob": [
    task('{ "command": "y", "input": ["!"] }'),
    ':3:38: `tasks.x.input[0]` "!" is empty',
  ],
  "a glob with `..` after a wildcard": [
    task('{ "command": "y", "input": ["*/../a"] }'),
    ':3:38: `tasks.x.input[0]` "*/../a" has `..` after a wildcard',
  ],
  "a glob with too many stars": [
    task('{ "command": "y", "input": ["*a*b*c*d"] }'),
    ':3:38: `tasks.x.input[0]` "*a*b*c*d" has more than 3 `*` in one component',
  ],
  "a glob with a range that runs backwards": [
    task('{ "command": "y", "input": ["[z-a]"] }'),
    ':3:38: `tasks.x.input[0]` "[z-a]" has the range `z-a`, which runs backwards',
  ],
});

check("manifest-invalid", "package.json", {
  "an empty file": ["", ":1:1: expected a value, found the end of the file"],
  "a list": ["[]", ":1:1: must be an object, not a list"],
  "a comment": ["{ // no\n}", ':1:3: expected a key in `"` or `}`, found `/`'],
  "a trailing comma": ['{ "name": "a", }', ":1:14: a comma with nothing after it"],
  "a name that is a number": ['\ufeff{\n  "name": 3\n}', ":2:11: `name` must be a string, not 3"],
  "scripts that are a list": [
    '{ "scripts": [] }',
    ":1:14: `scripts` must be an object, not a list",
  ],
  "a script that is a list": [
    '{ "scripts": { "b:c": [] } }',
    ":1:23: `scripts.b:c` must be a string, not a list",
  ],
  "dependencies that are a string": [
    '{ "dependencies": "a" }',
    ':1:19: `dependencies` must be an object, not the string "a"',
  ],
  "a range that is a number": [
    '{ "devDependencies": { "@a/b": 1 } }',
    ":1:32: `devDependencies.@a/b` must be a string, not 1",
  ],
  "workspaces that are a string": [
    '{ "workspaces": "packages/*" }',
    ':1:17: `workspaces` must be a list of strings or an object, not the string "packages/*"',
  ],
  "workspaces without packages": [
    '{ "workspaces": {} }',
    ":1:17: `workspaces` lacks the field `packages`",
  ],
  "a workspace pattern that is malformed": [
    '{ "workspaces": ["a", "b["] }',
    ":1:23: `workspaces[1]` has a `[` that is never closed",
  ],
  "a workspace pattern that leaves the root": [
    '{ "workspaces": { "packages": ["../x"] } }',
    ":1:32: `workspaces.packages[0]` resolves outside the workspace root",
  ],
});

const bomb = Array.from(
  { length: 12 },
  (_, index) => `l${index + 1}: &l${index + 1} [${`*l${index}, `.repeat(10)}x]`,
).join("\n");

check("workspace-file-invalid", "pnpm-workspace.yaml", {
  "an open list": [
    "packages: [a",
    ":1:13: Flow sequence in block collection must be sufficiently indented and end with a ]",
  ],
  "a tab for indentation": ["packages:\n\t- a\n", ":2:1: Tabs are not allowed as indentation"],
  "a doubled key": ["packages:\n  - a\npackages:\n  - b\n", ":3:1: Map keys must be unique"],
  "several documents": [
    "packages: []\n---\npackages: []\n",
    ":2:1: a second document starts here, but only one is read",
  ],
  "a NUL": ["packages:\n  - a\0\n", ":2:6: a NUL character"],
  "an unknown alias": [
    "packages: *a\n",
    ":1:1: Unresolved alias (the anchor must be set before the alias): a",
  ],
  "an alias bomb": [
    `l0: &l0 x\n${bomb}\n`,
    ":1:1: Excessive alias count indicates a resource exhaustion attack",
  ],
  "a list at the top": ["- a\n", ":1:1: must be an object or empty, not a list"],
  "packages that are a string": [
    "packages: a\n",
    ':1:11: `packages` must be a list of strings or empty, not the string "a"',
  ],
  "a pattern that is a number": [
    "packages:\n  - a\n  - 3\n",
    ":3:5: `packages[1]` must be a string, not 3",
  ],
  "a pattern that is malformed": [
    'packages:\n  - "a{"\n',
    ":2:5: `packages[0]` has a `{` that is never closed",
  ],
  "a setting of a wrong type": [
    "linkWorkspacePackages: depe\n",
    ':1:24: `linkWorkspacePackages` must be true or false or "deep", not the string "depe"',
    "did you mean `deep`?",
  ],
});

test("pnpm-workspace.yaml: depth 10,000 is an error that names the file", async () => {
  const files = { "pnpm-workspace.yaml": `packages: ${nested(10_000)}` };
  const { message, code } = await failure(files, ["x"]);
  expect(code).toBe("workspace-file-invalid");
  expect(message).toMatch(/^~\/pnpm-workspace\.yaml:1:\d+: nested too deeply$/);
});

const flagCases: Readonly<Record<string, readonly [args: string, message: string, hint?: string]>> =
  {
    "an unknown option": [
      "--recursiv x",
      "Unknown option `--recursiv`",
      "did you mean `--recursive`?",
    ],
    "an option of nobody": [
      "--list x",
      "Unknown option `--list`",
      "options for the task itself go after its name",
    ],
    "an unknown letter": [
      "-rz x",
      "Unknown option `-z`",
      "options for the task itself go after its name",
    ],
    "a value for a switch": ["--recursive=yes x", "`--recursive` takes no value"],
    "a value for an on-off switch": ["--cache=no x", "`--cache` takes no value"],
    "a wrong log mode": [
      "--log groupd x",
      "`--log` takes interleaved, labeled, grouped; not `groupd`",
      "did you mean `grouped`?",
    ],
    "a missing log mode": [
      "--log",
      "`--log` takes interleaved, labeled, grouped; nothing follows it",
    ],
    "a limit that is no number": [
      "--concurrency-limit=-1 x",
      "`--concurrency-limit` takes a whole number; not `-1`",
    ],
    "cache and no-cache": ["--cache --no-cache x", "`--cache` and `--no-cache` exclude each other"],
    "force and no-cache": [
      "--force --no-cache x",
      "`--force` and `--no-cache` cannot be used together",
    ],
    "filter and recursive": ["-F a -r x", "`--filter` and `--recursive` cannot be used together"],
    "filter and transitive": ["-F a -t x", "`--filter` and `--transitive` cannot be used together"],
    "a package beside filter": ["-F b a#x", "`--filter` and a package (`a`) exclude each other"],
    "a filter that is missing": ["--filter", "`--filter` takes a pattern; nothing follows it"],
    "a branch that would be an option of git": [
      "--affected=...-x x",
      "`--affected=` takes a branch, a tag or a commit",
    ],
    "recursive and transitive": [
      "-r -t x",
      "`--recursive` and `--transitive` cannot be used together",
    ],
    "last-details with a task": [
      "--last-details x",
      "`--last-details` and `x` cannot be used together",
    ],
    "last-details with an option": [
      "--last-details -r",
      "`--last-details` and `--recursive` cannot be used together",
    ],
    "a package beside recursive": [
      "-r a#x",
      "`--recursive` and a package (`a`) exclude each other",
    ],
    "a package beside workspace-root": [
      "-w a#x",
      "`--workspace-root` and a package (`a`) exclude each other",
    ],
    "no task": ["-r", "No task given", "write `vt run <task>`; `vt ls` lists the tasks"],
  };

for (const [what, [args, message, hint]] of Object.entries(flagCases)) {
  test(`the command line: ${what} is a usage error`, async () => {
    const error = await failure({}, args.split(" "));
    expect([error.message, error.code, error.hint]).toEqual([message, "usage", hint]);
  });
}
