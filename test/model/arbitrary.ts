import {
  type Arbitrary,
  array,
  constant,
  constantFrom,
  nat,
  oneof,
  record,
  tuple,
} from "fast-check";
import {
  type Edit,
  type FileEdit,
  isMadeByTask,
  type Operation,
  prefixOf,
  type RunPlan,
  type Scenario,
  type TaskPlan,
} from "./scenario.ts";

const tasksMax = 3;

const sources = [
  "src/a",
  "src/b",
  "src/c d",
  "src/d/a",
  "src/d/ö",
  "src/e",
  "src/l",
  "lib/x",
  "lib/y",
];
const directories = ["src", "src/d", "src/l", "lib", "out", ".", "src/missing"];
const news = ["src/d/new", "src/f", "src/missing", "lib/z"];
const texts = ["a\n", "b\n", "A\n", "xyz\n", "Xyz\n", ""];
const variables = ["MODE", "APP_A", "APP_B", "LC_X", "OTHER"];
const linkTargets = ["a", "b", "d", "e", "../lib/x", "../lib", "d/a", "../src"];

/** Random workspaces, programs and edits, which differ in nothing that a shrunk one could not keep. */
export function scenarios(): Arbitrary<Scenario> {
  const tasks = tuple(taskPlan(0), taskPlan(1), taskPlan(2));
  return record({
    tasks: oneof(
      { weight: 2, arbitrary: tasks.map(([first]) => [first]) },
      { weight: 3, arbitrary: tasks.map(([first, second]) => [first, second]) },
      { weight: 1, arbitrary: tasks.map((all) => all) },
    ),
    runs: array(runPlan(), { minLength: 10, maxLength: 14, size: "max" }),
  });
}

function taskPlan(task: number): Arbitrary<TaskPlan> {
  const program = array(operation(task), { minLength: 2, maxLength: 9, size: "max" });
  return record({
    runner: oneof(
      { weight: 20, arbitrary: constant("static" as const) },
      { weight: 8, arbitrary: constant("dynamic" as const) },
      { weight: 1, arbitrary: constantFrom("node" as const, "bun" as const) },
    ),
    setup: oneof(
      { weight: 6, arbitrary: constant("plain" as const) },
      {
        weight: 1,
        arbitrary: constantFrom("no-source-outputs" as const, "no-shared-inputs" as const),
      },
    ),
    program,
    next: oneof(
      { weight: 5, arbitrary: constant([]) },
      {
        weight: 3,
        arbitrary: array(array(operation(task), { minLength: 1, maxLength: 4, size: "max" }), {
          minLength: 1,
          maxLength: 2,
        }),
      },
    ),
    // A child has none of its own, or there would be no end.
    child: array(
      operation(task).filter(([op]) => op !== "spawn"),
      { maxLength: 3 },
    ),
  }).map((plan) => (plan.setup === "no-source-outputs" ? withoutSourceChanges(plan) : plan));
}

/** A source that is no output may be changed without a word: what then counts is the user's affair. */
function withoutSourceChanges(plan: TaskPlan): TaskPlan {
  const isKept = ([op = "", path = ""]: Operation): boolean =>
    !(
      ["format", "reformat", "append", "poke", "map-over", "touch", "delete", "chmod"].includes(
        op,
      ) && path.startsWith("src/")
    );
  return {
    ...plan,
    program: plan.program.filter(isKept),
    next: (plan.next ?? []).map((program) => program.filter(isKept)),
    child: plan.child.filter(isKept),
  };
}

function operation(task: number): Arbitrary<Operation> {
  const own = ownPaths(task);
  const foreign = [0, 1, 2]
    .filter((other) => other !== task)
    .flatMap((other) => ownPaths(other).files);
  const anything = oneof(
    { weight: 6, arbitrary: constantFrom(...sources) },
    { weight: 1, arbitrary: constantFrom(...foreign) },
    { weight: 1, arbitrary: constantFrom(...own.files, ...own.others) },
  );
  const text = constantFrom("one", "two", "three");
  const file = constantFrom(...own.files);
  const directory = oneof(
    { weight: 5, arbitrary: constantFrom(...directories) },
    { weight: 1, arbitrary: constant(own.directory) },
  );
  const words = (op: string, ...args: Arbitrary<string>[]): Arbitrary<Operation> =>
    tuple(...args).map((values) => [op, ...values]);
  return oneof(
    { weight: 14, arbitrary: words("read", anything) },
    { weight: 5, arbitrary: words("probe", anything) },
    { weight: 3, arbitrary: words("look", anything) },
    { weight: 2, arbitrary: words("readlink", anything) },
    { weight: 5, arbitrary: words("list", directory) },
    { weight: 2, arbitrary: words("walk", constantFrom("src", "src/d", "src/l", "lib", "out")) },
    { weight: 8, arbitrary: words("env", constantFrom(...variables)) },
    { weight: 9, arbitrary: words("write", file, text) },
    {
      weight: 2,
      arbitrary: words("script", constant(own.script), text, constantFrom("755", "644")),
    },
    { weight: 2, arbitrary: words("append", file, text) },
    { weight: 3, arbitrary: words("atomic", file, text) },
    { weight: 2, arbitrary: words("update", file, text) },
    { weight: 2, arbitrary: words("patch", file, text) },
    { weight: 3, arbitrary: words("resume", constant(own.state), text) },
    { weight: 2, arbitrary: words("exclusive", file, text) },
    { weight: 4, arbitrary: words("copy", anything, file) },
    { weight: 1, arbitrary: words("mkdir", constant(own.directory)) },
    {
      weight: 2,
      arbitrary: words(
        "link",
        constant(own.link),
        constantFrom("../src/a", "../src/d", "../lib/x", "../src/e"),
      ),
    },
    {
      weight: 1,
      arbitrary: words("hardlink", constantFrom("lib/x", "lib/y"), constant(own.hardLink)),
    },
    { weight: 2, arbitrary: words("delete", file) },
    { weight: 2, arbitrary: words("rename", file, file) },
    { weight: 2, arbitrary: words("empty", constant(own.directory)) },
    { weight: 2, arbitrary: words("clear", constant(own.directory)) },
    { weight: 4, arbitrary: words("print", text) },
    { weight: 2, arbitrary: words("warn", text) },
    { weight: 1, arbitrary: words("bytes") },
    { weight: 4, arbitrary: words("maybe") },
    {
      weight: 2,
      arbitrary: words(
        "spawn",
        constantFrom("task-static", "task-dynamic", "shell"),
        constant(`tasks/${task}.child`),
      ),
    },
    { weight: 8, arbitrary: words("pause") },
    { weight: 3, arbitrary: rareOperation() },
    { weight: 8, arbitrary: operationByOtherCalls(own, { anything, file, text }) },
  );
}

/** What real tools do, too, by calls that few programs make. */
function operationByOtherCalls(
  own: OwnPaths,
  { anything, file, text }: Readonly<Record<"anything" | "file" | "text", Arbitrary<string>>>,
): Arbitrary<Operation> {
  const words = (op: string, ...args: Arbitrary<string>[]): Arbitrary<Operation> =>
    tuple(...args).map((values) => [op, ...values]);
  return oneof(
    words("reopen", anything),
    words("within", constantFrom("src", "src/d", "src/l", "lib"), constantFrom("a", "ö", "x")),
    words("pipe", anything),
    words("map", file, text),
    words("clone", anything, file),
    words("unnamed", file, text),
    words("exchange", file, file),
    words("cut", file, text),
    words("switch", constant(own.link), constantFrom("../src", "../src/d", "../lib", "../src/e")),
    words("replace", constant(own.directory), text),
    words("prune", constantFrom("src/d", "lib", "src/missing", "src/a")),
  );
}

/** What makes a result one that cannot be stored. */
function rareOperation(): Arbitrary<Operation> {
  const path = constantFrom("src/a", "src/b", "src/d/a", "src/e");
  return oneof(
    tuple(constantFrom("format", "reformat", "delete"), path),
    path.map((name) => ["append", name, "more"]),
    path.map((name) => ["poke", name, "p"]),
    path.map((name) => ["map-over", name, "p"]),
    path.map((name) => ["touch", name]),
    path.map((name) => ["chmod", name, "755"]),
    constant(["exit", "3"]),
  );
}

type OwnPaths = {
  readonly files: readonly string[];
  readonly others: readonly string[];
  readonly directory: string;
  readonly link: string;
  readonly hardLink: string;
  readonly script: string;
  /** Touched by nothing but `resume`, and by the user. */
  readonly state: string;
};

function ownPaths(task: number): OwnPaths {
  const prefix = prefixOf(task);
  const directory = `out/${prefix}d`;
  const inside = [`${directory}/${prefix}x`, `${directory}/${prefix}y`];
  const [link, hardLink, script] = [`out/${prefix}l`, `out/${prefix}h`, `out/${prefix}m`];
  return {
    files: [`out/${prefix}a`, `out/${prefix}b`, `src/${prefix}g`, ...inside, "out/w-0", "out/w-1"],
    others: [link, hardLink, script, directory],
    directory,
    link,
    hardLink,
    script,
    state: `out/${prefix}s`,
  };
}

function runPlan(): Arbitrary<RunPlan> {
  const text = constantFrom(...texts);
  const variable = constantFrom(...variables);
  const environment = oneof(
    { weight: 6, arbitrary: constant({}) },
    {
      weight: 3,
      arbitrary: tuple(variable, constantFrom("1", "2")).map(([name, value]) => ({
        [name]: value,
      })),
    },
    // Then nobody sees what a static program does.
    { weight: 1, arbitrary: constant({ VT_TRACE: "preload" }) },
  );
  const edits = oneof(
    { weight: 6, arbitrary: constant([]) },
    { weight: 5, arbitrary: array(edit(), { minLength: 1, maxLength: 1 }) },
    { weight: 3, arbitrary: array(edit(), { minLength: 2, maxLength: 3 }) },
  );
  const task = oneof(
    { weight: 3, arbitrary: constant(0) },
    { weight: 2, arbitrary: nat(tasksMax - 1) },
  );
  const meanwhile = oneof(
    { weight: 2, arbitrary: constant(undefined) },
    { weight: 1, arbitrary: edit().filter(isFileEdit) },
    {
      weight: 1,
      arbitrary: record({ edit: constant("write" as const), path: constantFrom(...news), text }),
    },
  );
  return tuple(record({ edits, task, environment }), meanwhile).map(([plan, change]) =>
    change === undefined ? plan : { ...plan, meanwhile: change },
  );
}

/** What a task made is left alone while it runs: what it then finds there is not what it made. */
function isFileEdit(change: Edit): change is FileEdit {
  if (!("path" in change)) return false;
  return !isMadeByTask(change.path) && !("to" in change && isMadeByTask(change.to));
}

function edit(): Arbitrary<Edit> {
  const source = constantFrom(...sources);
  const outputs = [0, 1, 2].flatMap((maker) => {
    const { files, others, state } = ownPaths(maker);
    return [...files, ...others, state];
  });
  const states = [0, 1, 2].map((maker) => ownPaths(maker).state);
  // Of the others nobody sets the mode, so that running would leave it as it is.
  const scripts = [0, 1, 2].map((maker) => ownPaths(maker).script);
  const output = constantFrom(...outputs);
  const path = oneof(
    { weight: 8, arbitrary: source },
    { weight: 1, arbitrary: constant("src/d") },
    { weight: 1, arbitrary: constantFrom("src/d/new", "src/f", "src/missing") },
  );
  const text = constantFrom(...texts);
  const task = nat(tasksMax - 1);
  return oneof(
    { weight: 8, arbitrary: record({ edit: constant("write" as const), path, text }) },
    { weight: 2, arbitrary: record({ edit: constant("sneak" as const), path }) },
    { weight: 2, arbitrary: record({ edit: constant("touch" as const), path }) },
    { weight: 3, arbitrary: record({ edit: constant("chmod" as const), path: source }) },
    {
      weight: 2,
      arbitrary: record({ edit: constant("chmod" as const), path: constantFrom(...scripts) }),
    },
    { weight: 3, arbitrary: record({ edit: constant("delete" as const), path }) },
    { weight: 1, arbitrary: record({ edit: constant("rename" as const), path, to: path }) },
    {
      weight: 2,
      arbitrary: record({
        edit: constant("link" as const),
        path,
        target: constantFrom(...linkTargets),
      }),
    },
    { weight: 1, arbitrary: record({ edit: constant("directory" as const), path }) },
    {
      weight: 2,
      arbitrary: tuple(task, nat(8)).chain(([of, at]) =>
        operation(of).map((changed) => ({
          edit: "program" as const,
          task: of,
          at,
          operation: changed,
        })),
      ),
    },
    { weight: 5, arbitrary: nat(12).map((to) => ({ edit: "revert" as const, to })) },
    { weight: 2, arbitrary: record({ edit: constant("delete" as const), path: output }) },
    {
      weight: 2,
      arbitrary: record({
        edit: constant("write" as const),
        path: constantFrom(...outputs.filter((name) => !/-[dlhm]$/.test(name))),
        text,
      }),
    },
    {
      weight: 2,
      arbitrary: record({ edit: constant("write" as const), path: constantFrom(...states), text }),
    },
    { weight: 2, arbitrary: constant({ edit: "wipe" as const }) },
    { weight: 1, arbitrary: constant({ edit: "move" as const }) },
  );
}
