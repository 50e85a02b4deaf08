import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { compareRuns, type MainRun } from "./compare.ts";
import { applyEdit, wipe } from "./edit.ts";
import { type Expectation, isFitting } from "./expectation.ts";
import { readOutcome } from "./outcome.ts";
import { makePause, whilePaused } from "./pause.ts";
import {
  configurationText,
  type Edit,
  firstFiles,
  isMadeByTask,
  type Operation,
  prefixOf,
  programPath,
  programsOf,
  programText,
  type RunPlan,
  type Scenario,
} from "./scenario.ts";
import { isSameNode, type Node, placeNode, type Snapshot, takeSnapshot } from "./snapshot.ts";
import { count, type Tally } from "./tally.ts";
import { Twin, type TwinRun } from "./twin.ts";

/** What is played with. */
export type Stage = {
  readonly vt: string;
  /** Where `buildInterpreters` put them. */
  readonly interpreters: string;
  readonly tally: Tally;
  /** Whether a missed hit, or a result that should have been stored, is a disagreement, too. */
  readonly isStrict: boolean;
};

/** vt and the twin do not agree. */
class Disagreement extends Error {}

/** Plays a scenario to its end. Throws a `Disagreement` that says what differs and after which run. */
export async function play(scenario: Scenario, stage: Stage): Promise<void> {
  const base = await mkdtemp(join(await realpath(tmpdir()), "model-"));
  try {
    const performance = new Performance(base, scenario, stage);
    for (const [index, run] of scenario.runs.entries()) await performance.step(index, run);
    stage.tally.sequences += 1;
  } finally {
    await rm(base, { recursive: true, force: true });
  }
}

/** What an earlier run that was stored depended on and left behind. */
type Memory = { readonly expectation: Expectation; readonly outputs: ReadonlySet<string> };

/** How many entries of a key the model counts on. */
const memoriesMax = 6;

type VtRun = Omit<MainRun, "before" | "after">;

class Performance {
  readonly #scenario: Scenario;
  readonly #stage: Stage;
  readonly #base: string;
  readonly #twin: Twin;
  /** By task and item. */
  readonly #programs: Operation[][][];
  readonly #states: Snapshot[] = [];
  readonly #memories = new Map<string, Memory[]>();
  /** By task. */
  readonly #keys = new Map<number, Set<string>>();
  /** Task and path of what runs left of earlier states. */
  readonly #leftByRuns = new Set<string>();
  /** By key, the items that have met so far. */
  readonly #meetings = new Map<string, Set<string>>();
  #root: string;
  #moves = 0;
  #last = "";

  constructor(base: string, scenario: Scenario, stage: Stage) {
    this.#base = base;
    this.#scenario = scenario;
    this.#stage = stage;
    this.#root = join(base, "main");
    this.#twin = new Twin(join(base, "twin"));
    this.#programs = scenario.tasks.map((task) => programsOf(task).map((program) => [...program]));
    for (const name of ["home", "tmp"]) mkdirSync(join(base, name));
    for (const root of this.#roots()) this.#lay(root);
  }

  async step(index: number, plan: RunPlan): Promise<void> {
    const task = plan.task % this.#scenario.tasks.length;
    this.#states.push(takeSnapshot(this.#twin.root));
    for (const edit of plan.edits) this.#edit(edit);
    const key = `${task} ${JSON.stringify(plan.environment)}`;
    this.#keys.set(task, new Set([...(this.#keys.get(task) ?? []), key]));
    const mainBefore = takeSnapshot(this.#root);
    const [vtRun, twinRun, wasDisturbed] = await this.#runBoth(task, plan, key);
    const main: MainRun = { ...vtRun, before: mainBefore, after: takeSnapshot(this.#root) };
    const isRepeat = plan.edits.length === 0 && this.#last === key;
    const setup = this.#scenario.tasks[task]?.setup ?? "plain";
    const differences = compareRuns(main, twinRun, {
      setup,
      isLeftOver: (path, node) =>
        this.#twin.hasLeft(task, path, node) &&
        !twinRun.removed.has(path) &&
        !this.#mustGo(task, path, { main, twin: twinRun }),
    });
    const doubts = this.#tell(key, main, twinRun);
    if (this.#stage.isStrict) differences.push(...doubts);
    if (isRepeat && main.status !== "hit")
      differences.push(`an unchanged repeat missed: ${main.reason}`);
    if (differences.length > 0) {
      const how = `${main.status} ${main.reasonText}, ${main.notStoredText ?? "stored"}`;
      throw new Disagreement(
        `run ${index} of task ${task}, ${how}:\n  ${differences.join("\n  ")}`,
      );
    }
    const isKept = main.status === "hit" || main.notStored === undefined;
    // What was changed meanwhile may be an input of an item that had ended by then.
    this.#last = isKept && !wasDisturbed ? key : "";
    this.#level(task, main, twinRun);
    if (main.status === "hit") await this.#repeat(task, plan.environment);
    // What was stored of it, if it was, must fit what is there now.
    if (wasDisturbed) await this.step(index, { ...plan, edits: [], meanwhile: undefined });
  }

  async #runBoth(task: number, plan: RunPlan, key: string): Promise<[VtRun, TwinRun, boolean]> {
    const { environment, meanwhile } = plan;
    if (meanwhile === undefined)
      return await Promise.all([
        this.#runVt(task, environment),
        // Begun at once, while vt runs.
        (async () => this.#runTwin(task, plan, { key }))(),
        false,
      ]);
    const place = join(this.#base, "tmp", "pause");
    makePause(place);
    const edit = (root: string) => (): void => applyEdit(root, meanwhile);
    const running = this.#runVt(task, { ...environment, PAUSE: place });
    const { result, hasPaused } = await whilePaused(place, { running, act: edit(this.#root) });
    const disturbed = { meanwhile: edit(this.#twin.root), replayed: result.replayed };
    const twin = this.#runTwin(task, plan, { key, ...(hasPaused && disturbed) });
    return [result, twin, hasPaused];
  }

  /**
   * Whether a hit has to remove what the task left there in an earlier state. Only where nobody else can be
   * thought to have a part in it: other tasks, the same one with other variables, its items apart; nor
   * where it once lay around when the task ran: then it is a part of what was stored.
   */
  #mustGo(
    task: number,
    path: string,
    { main, twin }: { readonly main: VtRun; readonly twin: TwinRun },
  ): boolean {
    const isAlone = this.#keys.get(task)?.size === 1 && !this.#hasItems(task);
    const owned = twin.cleared.get(path)?.node;
    const isFile = owned !== undefined && owned.kind !== "directory";
    const isOther = /(^|\/)w-/.test(path) || this.#leftByRuns.has(`${task} ${path}`);
    return main.status === "hit" && isAlone && isFile && !isOther;
  }

  #hasItems(task: number): boolean {
    return (this.#programs[task]?.length ?? 0) > 1;
  }

  /** Nothing is left to be done by then, and what vt keeps of that must not deceive it after an edit. */
  async #repeat(task: number, environment: Readonly<Record<string, string>>): Promise<void> {
    const before = takeSnapshot(this.#root);
    const { status, reason } = await this.#runVt(task, environment);
    const after = takeSnapshot(this.#root);
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
      (path) => !isSameNode(before.get(path), after.get(path)),
    );
    // What runs with other variables have left goes with the second hit.
    const isLeftOver = (path: string): boolean => !after.has(path) && isMadeByTask(path);
    if (status !== "hit" || !changed.every(isLeftOver))
      throw new Disagreement(
        `a hit of task ${task}, repeated: ${status} ${reason}, changed: ${changed.join(", ")}`,
      );
    for (const path of changed) placeNode(join(this.#twin.root, path), undefined);
  }

  #roots(): readonly string[] {
    return [this.#root, this.#twin.root];
  }

  #lay(root: string): void {
    const { tasks } = this.#scenario;
    mkdirSync(join(root, "node_modules"), { recursive: true });
    const files = { ...firstFiles, "vite-task.json": configurationText(tasks) };
    for (const [path, text] of Object.entries(files)) {
      const bytes = Buffer.from(text);
      const isLink = text.startsWith("->");
      const file: Node = { kind: "file", mode: 0o644, bytes };
      placeNode(join(root, path), isLink ? { kind: "link", target: text.slice(2) } : file);
    }
    for (const [task, { child }] of tasks.entries()) {
      mkdirSync(join(root, dirname(programPath(task))), { recursive: true });
      writeFileSync(join(root, `${programPath(task)}.child`), programText(child));
      this.#writePrograms(root, task);
    }
  }

  #writePrograms(root: string, task: number): void {
    const programs = this.#programs[task] ?? [];
    for (const [item, program] of programs.entries())
      writeFileSync(
        join(root, programPath(task, item)),
        programText(program, programs.slice(0, item)),
      );
  }

  #runTwin(
    task: number,
    { environment }: RunPlan,
    more: Omit<Parameters<Twin["run"]>[2], "environment">,
  ): TwinRun {
    const plan = this.#scenario.tasks[task];
    if (plan === undefined) throw new Error("no such task");
    return this.#twin.run(task, plan, { environment, ...more });
  }

  #edit(edit: Edit): void {
    switch (edit.edit) {
      case "move": {
        this.#moves += 1;
        const moved = join(this.#base, `main-${this.#moves}`);
        renameSync(this.#root, moved);
        this.#root = moved;
        return;
      }
      case "wipe":
        for (const root of this.#roots()) wipe(root);
        return;
      case "revert":
        this.#revert(this.#states[edit.to % this.#states.length]);
        return;
      case "program": {
        const task = edit.task % this.#programs.length;
        const programs = this.#programs[task] ?? [];
        const program = programs[edit.at % programs.length] ?? [];
        program[edit.at % Math.max(program.length, 1)] = ownOperation(
          edit.operation,
          edit.task,
          task,
        );
        for (const root of this.#roots()) this.#writePrograms(root, task);
        return;
      }
      default:
        for (const root of this.#roots()) applyEdit(root, edit);
    }
  }

  #revert(state: Snapshot | undefined): void {
    const isSource = (path: string): boolean =>
      /^(src|lib|tasks)\//.test(path) && !isMadeByTask(path);
    for (const root of this.#roots()) {
      const now = takeSnapshot(root);
      for (const path of now.keys())
        if (isSource(path) && state?.has(path) !== true) placeNode(join(root, path), undefined);
      for (const [path, node] of state ?? [])
        if (isSource(path) && !isSameNode(now.get(path), node)) placeNode(join(root, path), node);
    }
    for (const [task, programs] of this.#programs.entries())
      for (const [item, program] of programs.entries()) {
        const text = readFileSync(join(this.#twin.root, programPath(task, item)), "utf8");
        const lines = text.split("\n").slice(0, -1);
        const operations = lines.map((line) => line.split("\t")).filter(([op]) => op !== "know");
        program.splice(0, program.length, ...operations);
      }
  }

  async #runVt(task: number, environment: Readonly<Record<string, string>>): Promise<VtRun> {
    const { vt, interpreters } = this.#stage;
    const child = Bun.spawn([vt, "run", `t${task}`], {
      cwd: this.#root,
      env: {
        PATH: `${interpreters}:${process.env["PATH"]}`,
        HOME: join(this.#base, "home"),
        TMPDIR: join(this.#base, "tmp"),
        ...environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 60_000,
      killSignal: "SIGKILL",
    });
    const [stdout, stderr, exitCode] = await Promise.all([
      new Response(child.stdout).bytes(),
      new Response(child.stderr).bytes(),
      child.exited,
    ]);
    const text = { stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) };
    return { ...text, exitCode, ...readOutcome(this.#root) };
  }

  /** Counts the step, and returns what vt might have done better. */
  #tell(key: string, main: MainRun, twin: TwinRun): string[] {
    const { tally } = this.#stage;
    const doubts: string[] = [];
    tally.steps += 1;
    const { expectation } = twin;
    const isNews = this.#isNews(key, expectation);
    const isUnsure = isNews || this.#isUnsure(key, twin);
    if (!isUnsure && this.#mustHit(key, twin)) {
      tally.mustHit += 1;
      if (main.status !== "hit") {
        count(tally.missedHits, main.reason);
        doubts.push(`should have hit: ${main.reasonText}`);
      }
    }
    if (main.status === "hit") {
      tally.hits += 1;
      return doubts;
    }
    tally.misses += 1;
    if (main.notStored === undefined) tally.stored += 1;
    else count(tally.notStored, main.notStored);
    if (isUnsure || expectation.obstacle !== undefined) return doubts;
    tally.mustStore += 1;
    if (main.notStored !== undefined) {
      count(tally.missedStores, main.notStored);
      doubts.push(`should have been stored: ${main.notStoredText}`);
    }
    const outputs = new Set(
      [...twin.after.keys()].filter((path) => !twin.before.has(path) || isMadeByTask(path)),
    );
    const memories = this.#memories.get(key) ?? [];
    this.#memories.set(key, [{ expectation, outputs }, ...memories].slice(0, memoriesMax));
    return doubts;
  }

  /**
   * Items that meet for the first time are another unit than before: what was stored of them apart no
   * longer counts, and where one is replayed now, the whole is stored in the next run only.
   */
  #isNews(key: string, { meetings }: Expectation): boolean {
    const known = this.#meetings.get(key);
    this.#meetings.set(key, new Set([...(known ?? []), ...meetings]));
    if (known === undefined || meetings.every((meeting) => known.has(meeting))) return false;
    this.#memories.delete(key);
    return true;
  }

  /** What was made with other variables, or was edited, is somebody else's work to this step. */
  #isUnsure(key: string, { cleared, before, expectation }: TwinRun): boolean {
    const isForeign = (path: string): boolean => {
      const owned = cleared.get(path);
      return owned === undefined ? before.has(path) && isMadeByTask(path) : owned.key !== key;
    };
    return [...cleared.keys(), ...expectation.used].some(isForeign);
  }

  #mustHit(key: string, { before, cleared }: TwinRun): boolean {
    return (this.#memories.get(key) ?? []).some(
      ({ expectation, outputs }) =>
        isFitting(expectation.inputs, before) &&
        [...cleared.keys()].every((path) => outputs.has(path)) &&
        [...outputs].every((path) => !before.has(path)),
    );
  }

  /** Makes the trees equal again: what is left of earlier states, and what is no output, may differ. */
  #level(task: number, main: MainRun, twin: TwinRun): void {
    for (const path of new Set([...twin.after.keys(), ...main.after.keys()])) {
      const node = main.after.get(path);
      if (isSameNode(node, twin.after.get(path))) continue;
      placeNode(join(this.#twin.root, path), node);
      const key = twin.cleared.get(path)?.key ?? "";
      if (node === undefined || twin.after.has(path)) continue;
      this.#twin.keep(task, path, { node, key });
      if (main.status !== "hit") this.#leftByRuns.add(`${task} ${path}`);
    }
  }
}

/** The operation with the paths of one task's own turned into those of another's. */
function ownOperation(operation: Operation, from: number, to: number): Operation {
  const names = { [prefixOf(from)]: prefixOf(to), [prefixOf(to)]: prefixOf(from) };
  return operation.map((word) =>
    word
      .replaceAll(/(?<=^|\/)t\d-/g, (name) => names[name] ?? name)
      .replace(`tasks/${from}`, `tasks/${to}`),
  );
}
