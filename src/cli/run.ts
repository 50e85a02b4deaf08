import { isInteractive } from "../base/ansi.ts";
import { isDirectory } from "../base/directory.ts";
import { errnoOf } from "../base/file.ts";
import type { Environment, Host } from "../base/host.ts";
import { once } from "../base/once.ts";
import {
  type AbsolutePath,
  absolutePath,
  isAbsolutePath,
  isWindows,
  printable,
  resolvePath,
} from "../base/path.ts";
import { Cache, cacheMode } from "../cache/cache.ts";
import { collect } from "../cache/collect.ts";
import { recordUses } from "../cache/store.ts";
import { createCancellation } from "../execute/cancellation.ts";
import type { Emit, RunEvent } from "../execute/event.ts";
import { cancelOnInterrupt } from "../execute/interrupt.ts";
import { findLinkedPlaces } from "../execute/linked-places.ts";
import { showRun } from "../execute/nested-run.ts";
import { PlannedItems } from "../execute/planned-items.ts";
import { noProfile, type Profile, startProfile } from "../execute/profile.ts";
import { ProgramMemo } from "../execute/program-memo.ts";
import { RunLog } from "../execute/run-log.ts";
import { RunOrder } from "../execute/run-order.ts";
import { runRow } from "../execute/run-row.ts";
import { runGraph } from "../execute/schedule.ts";
import type { Session, SettledUse } from "../execute/session.ts";
import { chooseStdio, type LogMode } from "../execute/stdio.ts";
import type { TracingOptions } from "../execute/tracing.ts";
import { isClockFine } from "../fingerprint/clock.ts";
import { findGit, type GitPlace } from "../fingerprint/git-state.ts";
import { HashMemo } from "../fingerprint/hash-memo.ts";
import { terminalSize } from "../native/terminal.ts";
import { plan } from "../plan/plan.ts";
import type { PlanWorld } from "../plan/planner.ts";
import { type PlacesSeen, searchPrograms } from "../plan/program.ts";
import type { ExecutionGraph } from "../plan/step.ts";
import { type CiSystem, findCiSystem } from "../report/ci.ts";
import { hasLastRun, saveLastRun } from "../report/last-run.ts";
import type { LiveLine } from "../report/live-line.ts";
import { startRecording } from "../report/recording.ts";
import { createReporter, type Reporter } from "../report/reporter.ts";
import type { Terminal } from "../report/terminal.ts";
import type { QueryContext } from "../task/query.ts";
import { misplacedOption, type RunRequest } from "../task/run-options.ts";
import { platformOf } from "./platform.ts";
import { type ReadWorkspace, readWorkspace } from "./read-workspace.ts";
import type { RunEnd } from "./remember-run.ts";

/** `vt run`. Returns the exit code; throws a `UserError` before anything has run. */
export async function run(request: RunRequest, host: Host, terminal: Terminal): Promise<number> {
  const beganAtMs = host.now();
  const { profile, keep: keepProfile } = await beginProfile(request, host);
  const workspace = await readProfiled(host, profile ?? noProfile);
  showRun(workspace.root);
  await refuseWrongTraceMode(host.environment);
  const ci = findCiSystem(host.environment);
  const { log = ci === undefined ? "interleaved" : "sections", isQuiet } = request.options;
  // Nobody may talk past what holds the text back.
  const logMode = isQuiet || log === "sections" ? "grouped" : log;
  const hasTerminal = host.isStdinTerminal() || host.isStdoutTerminal();
  using live = await openLiveLine(host, { terminal, logMode, hasTerminal });
  const recording = startRecording(live?.terminal ?? terminal);
  const reporter = createReporter({
    terminal: recording.terminal,
    log: isQuiet ? "quiet" : log,
    ci,
    summary: request.options.isVerbose ? "full" : "compact",
    now: host.now,
  });
  const emit: Emit = (event) => {
    live?.note(event);
    recording.note(event);
    reporter.emit(event);
  };
  const asked: RunScene["asked"] = { programs: new Map(), directories: new Set() };
  const isWatched = live !== undefined;
  const ended = await runTasks(
    { request, host, workspace, asked, reporter, terminal, isWatched },
    { emit, logMode, hasTerminal, profile: profile ?? noProfile },
  );
  const warn = (text: string): void => emit(warning(text));
  if (ci === "github") await keepStepSummary(reporter, host, warn);
  keepProfile(warn);
  terminal.flush();
  const [recorded, summary] = [recording.finish(), reporter.summary()];
  if (recorded === undefined || summary === undefined || isOfItsTime(request, host, ci))
    return ended.exitCode;
  const { rememberRun } = await import("./remember-run.ts");
  const looked = [...asked.programs.keys(), ...asked.directories];
  const remembered = { ...ended, workspace, beganAtMs, looked, recorded, summary };
  rememberRun(remembered, host, terminal.hasColours);
  return ended.exitCode;
}

async function readProfiled(host: Host, profile: Profile): Promise<ReadWorkspace> {
  using _ = profile.begin("workspace");
  return await readWorkspace(host);
}

/** Whether there is something else about a run than files and variables, or it has something to tell that changes. */
function isOfItsTime(
  { options, isPicked = false }: RunRequest,
  { environment }: Host,
  ci: CiSystem | undefined,
): boolean {
  const { affected, filters, isVerbose, profile } = options;
  const isAboutChanges = affected !== undefined || filters.some(({ since }) => since !== undefined);
  const isNested = environment["VP_RUN"] !== undefined || environment["VT_DEPTH"] !== "1";
  const isForThisRun = isPicked || isVerbose || profile !== undefined;
  return isAboutChanges || isNested || isForThisRun || ci !== undefined;
}

type RunScene = {
  readonly request: RunRequest;
  readonly host: Host;
  readonly workspace: ReadWorkspace;
  /** What the plan asks of the disk: where programs are, and what is a directory. */
  readonly asked: {
    readonly programs: PlacesSeen;
    readonly directories: Set<AbsolutePath>;
  };
  readonly reporter: Reporter;
  readonly terminal: Terminal;
  /** Whether somebody sits there. */
  readonly isWatched: boolean;
};

/** Plans and runs, with the cache open. */
async function runTasks(
  { request, host, workspace, asked, reporter, terminal, isWatched }: RunScene,
  shown: Pick<Session, "emit" | "logMode" | "hasTerminal" | "profile">,
): Promise<RunEnd> {
  const { root } = workspace;
  const { environment } = host;
  const mode = cacheMode(environment);
  const warn = (text: string): void => shown.emit(warning(text));
  warnOfMisplaced(request, warn);
  const isAskedDirectory = (path: AbsolutePath): boolean => {
    asked.directories.add(path);
    return isDirectory(path);
  };
  const programs = searchPrograms(root, asked.programs);
  const looks = { locateProgram: programs.locate, isDirectory: isAskedDirectory };
  const world = { workspace, host, ...looks, isCacheOff: mode === "off", warn };
  const graph = planProfiled(world, request, shown.profile);
  using cache = Cache.open({ root, environment, now: host.now, warn });
  const linkedPlaces = once(() => findLinkedPlaces(root, packageDirectories(workspace)));
  const git = once(() => findGit(root));
  const around = once(() => workTreeAround(root, git(), host));
  using left = new DisposableStack();
  const hashes = new HashMemo(host.now);
  const uses: SettledUse[] = [];
  const exitCode = await execute(
    graph,
    {
      ...shown,
      ...{ root, cache, pid: host.pid, now: host.now, uses, git, around, linkedPlaces, hashes },
      programs: new ProgramMemo(cache, hashes, programs.find),
      planned: new PlannedItems(graph, cache, { root, platform: platformOf(host) }),
      ...loadWatching({ root, environment, git, around, linkedPlaces }, left),
      isClockFine: once(() => isClockFine(cache.directory, host.pid)),
      temporary: temporaryDirectory(environment),
      log: new RunLog(new RunOrder(graph)),
    },
    host,
  );
  recordUses(cache, uses);
  if (isWatched && !request.options.isVerbose) await adviseOnce(reporter, cache, terminal);
  keepSummary(reporter, cache, host);
  terminal.flush();
  if (hasStored(reporter)) collect(cache);
  return { exitCode, uses, cacheDirectory: cache.canWrite ? cache.directory : undefined };
}

function planProfiled(world: PlanWorld, request: RunRequest, profile: Profile): ExecutionGraph {
  using _ = profile.begin("plan");
  return plan(world, request);
}

function warning(text: string): RunEvent {
  return { kind: "warning", text };
}

/** Before anything has run. */
async function refuseWrongTraceMode(environment: Environment): Promise<void> {
  if (environment["VT_TRACE"] === undefined) return;
  const { wantedTraceMode } = await import("../execute/wanted-trace-mode.ts");
  wantedTraceMode(environment);
}

function warnOfMisplaced(request: RunRequest, warn: (text: string) => void): void {
  const misplaced = misplacedOption(request);
  if (misplaced !== undefined)
    warn(`\`${printable(misplaced)}\` goes to the task: options of vt stand before its name`);
}

/** What watching a step takes is loaded with the first that runs, and closed with `left`. */
function loadWatching(
  options: TracingOptions,
  left: DisposableStack,
): Pick<Session, "beginTrace" | "openToolChannel" | "scratch"> {
  const tracing = once(() => {
    const { Tracing }: typeof import("../execute/tracing.ts") = require("../execute/tracing.ts");
    return left.use(new Tracing(options));
  });
  const channels = once(() => {
    const { ToolChannels }: typeof import("../execute/tool-channels.ts") =
      require("../execute/tool-channels.ts");
    return left.use(new ToolChannels(options.environment));
  });
  const scratch = once(() => {
    const { scratchPlaces }: typeof import("../execute/scratch-places.ts") =
      require("../execute/scratch-places.ts");
    return scratchPlaces(options.environment);
  });
  return {
    scratch,
    beginTrace: () => tracing().begin(),
    openToolChannel: (...step) => channels().open(...step),
  };
}

type LiveLineWanted = {
  readonly terminal: Terminal;
  readonly logMode: LogMode;
  readonly hasTerminal: boolean;
};

/** Undefined where nobody watches; what it takes is loaded only where somebody does. */
async function openLiveLine(
  host: Host,
  { terminal, logMode, hasTerminal }: LiveLineWanted,
): Promise<LiveLine | undefined> {
  if (!isInteractive(host.environment, host.isStdoutTerminal)) return undefined;
  const { createLiveLine } = await import("../report/live-line.ts");
  return createLiveLine({
    terminal,
    columns: () => terminalSize(1)?.columns ?? 80,
    now: host.now,
    hasTerminal: ({ cache, action }) =>
      action.kind === "process" &&
      chooseStdio({ log: logMode, cache: cache.kind, hasTerminal }) === "foreground",
  });
}

function packageDirectories({ packages }: QueryContext): AbsolutePath[] {
  return [...packages.packages.values()].map(({ directory }) => directory);
}

async function execute(graph: ExecutionGraph, session: Session, host: Host): Promise<number> {
  const startedAt = host.now();
  session.emit({ kind: "run-started", graph });
  const cancellation = createCancellation();
  using _ = cancelOnInterrupt(cancellation);
  const result = await runGraph(graph, {
    runRow: (steps, stop) => runRow(steps, stop, session),
    cancellation,
    onWait: (notice) => session.emit({ kind: "waiting", ...notice }),
    now: session.now,
  });
  session.emit({ kind: "run-finished", ...result, durationMs: host.now() - startedAt });
  return result.exitCode;
}

/** A cache that has not grown need not be collected. */
function hasStored(reporter: Reporter): boolean {
  return (reporter.summary()?.steps ?? []).some(
    ({ outcome }) => outcome.kind === "exited" && outcome.store?.kind === "stored",
  );
}

/** To a person who runs scripts for the first time, and may wonder why nothing is ever a hit. */
async function adviseOnce(reporter: Reporter, cache: Cache, terminal: Terminal): Promise<void> {
  const { cacheScriptsAdvice, isOffThroughout } = await import("../report/cache-off-text.ts");
  const statuses = (reporter.summary()?.steps ?? []).map(({ status }) => status);
  if (cache.canWrite && isOffThroughout(statuses) && !hasLastRun(cache.directory))
    terminal.write("stderr", `note: nothing of this was cached. ${cacheScriptsAdvice}\n`);
}

/** For `--last-details`; a cache that cannot be written to has said so already. */
function keepSummary(reporter: Reporter, cache: Cache, host: Host): void {
  const summary = reporter.summary();
  if (summary === undefined || !cache.canWrite) return;
  try {
    saveLastRun(cache.directory, summary, host.pid);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    cache.warn(`the summary could not be kept (${errnoOf(error)})`);
  }
}

/** Somebody's home may be a repository of settings: what lies there belongs to no workspace in it. */
function workTreeAround(
  root: AbsolutePath,
  git: GitPlace | undefined,
  { environment }: Host,
): AbsolutePath | undefined {
  const isOuter = git !== undefined && git.workTree !== root && git.workTree !== "/";
  return isOuter && git.workTree !== environment["HOME"] ? git.workTree : undefined;
}

/** For the page that GitHub shows of a job. */
async function keepStepSummary(
  reporter: Reporter,
  { environment, cwd }: Host,
  warn: (text: string) => void,
): Promise<void> {
  const file = environment["GITHUB_STEP_SUMMARY"];
  const summary = reporter.summary();
  if (file === undefined || file === "" || summary === undefined) return;
  const { appendStepSummary } = await import("../report/step-summary.ts");
  const failure = appendStepSummary(resolvePath(cwd, file), summary);
  if (failure !== undefined) warn(`the step summary could not be written (${failure})`);
}

type ProfiledRun = {
  readonly profile: ReturnType<typeof startProfile> | undefined;
  /** Writes what was measured. */
  readonly keep: (warn: (text: string) => void) => void;
};

/** Throws a `UserError` where the profile that is asked for cannot be written. */
async function beginProfile(
  { options }: RunRequest,
  { cwd, pid, elapsedUs }: Host,
): Promise<ProfiledRun> {
  if (options.profile === undefined) return { profile: undefined, keep: () => undefined };
  const { prepareProfile, writeProfile } = await import("./profile-file.ts");
  const path = resolvePath(cwd, options.profile);
  prepareProfile(path);
  const profile = startProfile(elapsedUs);
  return {
    profile,
    keep: (warn) => {
      const failure = writeProfile(path, profile.spans(), pid);
      if (failure !== undefined) warn(`the profile could not be written (${failure})`);
    },
  };
}

function temporaryDirectory({ TMPDIR, TEMP }: Environment): AbsolutePath {
  const wanted = isWindows ? TEMP : TMPDIR;
  return absolutePath(isAbsolutePath(wanted) ? wanted : "/tmp");
}
