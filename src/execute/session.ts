import type { AbsolutePath } from "../base/path.ts";
import type { Cache } from "../cache/cache.ts";
import type { EntryUse } from "../cache/store.ts";
import type { GitPlace } from "../fingerprint/git-state.ts";
import type { HashMemo } from "../fingerprint/hash-memo.ts";
import type { PackedExpectations } from "../native/expectation.ts";
import type { LinkedPlace } from "../observe/context.ts";
import type { GlobConfig } from "../task/task.ts";
import type { StepTrace } from "../trace/step-trace.ts";
import type { Emit } from "./event.ts";
import type { PlannedItems } from "./planned-items.ts";
import type { Profile } from "./profile.ts";
import type { ProgramMemo } from "./program-memo.ts";
import type { RunLog } from "./run-log.ts";
import type { LogMode } from "./stdio.ts";
import type { ToolChannels } from "./tool-channels.ts";

/** Tracing, or why there is none. */
export type TracingStart =
  | { readonly kind: "tracing"; readonly trace: StepTrace }
  | { readonly kind: "unavailable"; readonly detail: string };

/** What it takes to look steps up. */
export type LookupSession = Pick<
  Session,
  "root" | "cache" | "pid" | "now" | "planned" | "programs" | "hashes" | "scratch"
>;

/** A hit that was found without a look-up, and what it rested on. */
export type SettledUse = EntryUse & {
  readonly expectations: PackedExpectations;
  /** Of what no stamp tells. */
  readonly hasConditions: boolean;
  readonly input: GlobConfig;
};

/** What all steps of one run share. */
export type Session = {
  readonly root: AbsolutePath;
  readonly cache: Cache;
  readonly emit: Emit;
  readonly profile: Profile;
  /** Of this vt. */
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly planned: PlannedItems;
  readonly programs: ProgramMemo;
  /** What was found without a look-up; noted in one go when the run has ended. */
  readonly uses: SettledUse[];
  /** Begins to trace one step; the library is loaded when the first step needs it. */
  readonly beginTrace: () => TracingStart;
  /** Opens a channel for the tools of one step; a text says why there is none. */
  readonly openToolChannel: ToolChannels["open"];
  readonly logMode: LogMode;
  readonly hasTerminal: boolean;
  /** Whether every change of a file gets a time of its own; found out when first asked. */
  readonly isClockFine: () => boolean;
  /** The repository whose work tree holds the workspace; looked for when first asked for. */
  readonly git: () => GitPlace | undefined;
  /** The work tree that the workspace is a part of, where that begins above it. */
  readonly around: () => AbsolutePath | undefined;
  /** Packages from elsewhere that are linked into the workspace; found when first asked for. */
  readonly linkedPlaces: () => readonly LinkedPlace[];
  /** For what is unpacked where the cache cannot be written to. */
  readonly temporary: AbsolutePath;
  /** Directories outside the workspace that any step may write to; found when first asked for. */
  readonly scratch: () => readonly AbsolutePath[];
  readonly hashes: HashMemo;
  /** Who has written what so far. */
  readonly log: RunLog;
};
