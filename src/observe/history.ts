import type { ManifestEntry } from "../archive/manifest.ts";
import type { ListedKind } from "../base/directory.ts";
import { type AbsolutePath, absolutePath } from "../base/path.ts";
import { missingStamp, type Stamp, stampInode, stampKind } from "../native/stamp.ts";
import type { Access } from "../trace/access.ts";
import { doesCreate, doesNeedAbsence, type Effect, effectOf } from "./effect.ts";
import type { LinkResolver, Resolved } from "./resolve-links.ts";

/** What the first look at a path found, when the run had not changed the path itself by then. */
type FirstLook = {
  readonly isPresent: boolean;
  readonly stamp?: Stamp;
};

/** What one run did to one path, from the first touch to the last. */
export type PathHistory = {
  readonly path: AbsolutePath;
  look?: FirstLook;
  /** Content, names or link text were read before the run changed the path. */
  isRead: boolean;
  /** Names as they were, when the directory was listed before the run changed it. */
  listing?: ReadonlyMap<string, ListedKind>;
  isListed: boolean;
  /** That nothing was in the directory shows by what was done to it; nobody asked for its names. */
  isFoundEmpty: boolean;
  /** The run gave the file another name, or took one from it, which changes its times. */
  isHardLinked: boolean;
  /** Mode, owner or attributes were set, which no later look at the content shows. Times are not kept anyway. */
  isMetadataSet: boolean;
  /** At least one change is known to have succeeded. */
  isCertain: boolean;
  /** A look found something else than the first one did, although the run had changed nothing. */
  isInconsistent: boolean;
  /** What stood there when the run first changed the path; undefined also when that is not known. */
  before?: Stamp;
  firstChange?: "write-whole" | "write-partly" | "append" | "remove";
  /** Every change was an open for writing: it may have written nothing after all. */
  isOnlyOpened: boolean;
  /** It was opened for reading and writing at once, without which no mapping of it can be written to. */
  isMappable: boolean;
  /** It may have been written to without its times telling. */
  isUntimed: boolean;
  /** The run left it otherwise than it found it; known once what it left has been looked at. */
  hasChanged: boolean;
  isRemoved: boolean;
  /** At some time, even if written again later. */
  wasRemoved: boolean;
  /** It, and not what it may lead to, or what is in it, was looked for and not found: in order to remove it, perhaps. */
  isSought: boolean;
  isDirectoryMade: boolean;
  /** An earlier run's work, of which nothing else is known than that it was a directory. */
  wasDirectory: boolean;
  /** The last that was put there, if anything is there still, was opened to be written: nothing is in it. */
  isFile: boolean;
  /** The path of the workspace by which the run changed it, where it lies outside. */
  changedAs?: string;
  /** What the links say that the run made there, or moved there; an empty one where nobody knows. */
  linkTexts: readonly string[];
  /** A directory that the run had not made was renamed, and with it what nobody has looked at. */
  wasMovedAway: boolean;
  /** Something was to be made there, and the directory for it was missing. */
  lacksDirectory: boolean;
};

/** A look at something outside the workspace, and the path of the workspace that leads there. */
export type Detour = {
  readonly named: string;
  readonly access: Access;
  /** Where that really is. */
  readonly place: AbsolutePath;
};

/** A program as it was when it was first started. */
export type StartedProgram = {
  /** Where it really lay. */
  readonly place: AbsolutePath;
  readonly stamp: Stamp | undefined;
  /** The run had written it, from its first byte on. */
  readonly isOwnWork: boolean;
};

export type Histories = {
  readonly paths: Map<AbsolutePath, PathHistory>;
  /** The first look of each kind at what lies outside the workspace and is reached through it. */
  readonly detours: ReadonlyMap<string, Detour>;
  /** Every program that was started, as it was named. */
  readonly programs: ReadonlyMap<AbsolutePath, StartedProgram>;
};

/** Something that an earlier run of the step had made, and that was there when this one began. */
export type EarlierWork = { readonly path: AbsolutePath; readonly kind: ManifestEntry["kind"] };

/** Finds all of that in a directory. */
type FindEarlierWork = (directory: AbsolutePath) => readonly EarlierWork[];

/** Folds a trace into one history a path. Links are resolved first, so that aliases are one path. */
export function collectHistories(
  accesses: readonly Access[],
  resolver: LinkResolver,
  findEarlierWork: FindEarlierWork,
): Histories {
  const paths = new Map<AbsolutePath, PathHistory>();
  const programs = new Map<AbsolutePath, StartedProgram>();
  const detours = new Map<string, Detour>();
  const unnamed = new Set<string>();
  const rewritten = new Set<string>();
  const locate = (path: string, isFollowing: boolean): Resolved => {
    const resolved = resolver.resolve(path, { isFollowing });
    for (const link of resolved.links) noteFollowed(historyAt(paths, link));
    return resolved;
  };
  for (const [moment, access] of accesses.entries()) {
    resolver.moveTo(moment);
    const effect = effectOf(access);
    const place = locate(access.path, access.isFollowing);
    const subject = historyAt(paths, place.path);
    if (access.kind === "execute" && effect === "read") {
      const program = absolutePath(access.path);
      if (!programs.has(program))
        programs.set(program, {
          place: subject.path,
          stamp: access.stamp,
          isOwnWork: subject.firstChange === "write-whole" && subject.isFile,
        });
    }
    const isLook = effect === "read" || effect === "look-present" || effect === "look-missing";
    const there = access.target === undefined ? place : locate(access.target, false);
    const changed = there === place ? subject : historyAt(paths, there.path);
    const named = isLook
      ? resolver.detour(access.path, place)
      : resolver.detour(access.target ?? access.path, there);
    if (!isLook && named !== undefined) changed.changedAs ??= named;
    if (isLook && named !== undefined) {
      const kind = `${access.path}\0${access.isFollowing}`;
      if (!detours.has(kind)) detours.set(kind, { named, access, place: subject.path });
    }
    const inode = isLook || access.result === "refused" ? undefined : inodeOf(access.stamp);
    if (inode !== undefined) {
      const isReplaced = effect === "remove" || access.target !== undefined;
      (isReplaced ? unnamed : rewritten).add(inode);
    }
    if (access.target === undefined) note(subject, access, effect);
    else move(paths, { access, effect, source: subject, target: changed, findEarlierWork });
  }
  for (const history of paths.values()) noteOtherNames(history, { unnamed, rewritten });
  return { paths, detours, programs };
}

/** What the run did to files, of which other names may have been looked at; both by their inodes. */
type NamesElsewhere = {
  /** It took a name from them. */
  readonly unnamed: ReadonlySet<string>;
  /** It changed them in place. */
  readonly rewritten: ReadonlySet<string>;
};

function noteOtherNames(history: PathHistory, { unnamed, rewritten }: NamesElsewhere): void {
  if (unnamed.size + rewritten.size === 0 || history.firstChange !== undefined) return;
  const seen = history.look?.stamp;
  const inode = inodeOf(seen);
  if (seen === undefined || inode === undefined) return;
  if (unnamed.has(inode)) history.isHardLinked = true;
  if (!rewritten.has(inode)) return;
  history.firstChange = "write-partly";
  history.before = seen;
  history.isCertain = true;
  history.isMetadataSet = true;
}

function inodeOf(stamp: Stamp | undefined): string | undefined {
  if (stamp === undefined || stampKind(stamp) !== "file") return undefined;
  return stampInode(stamp);
}

function historyAt(paths: Map<AbsolutePath, PathHistory>, path: AbsolutePath): PathHistory {
  const known = paths.get(path);
  if (known !== undefined) return known;
  const history = untouched(path);
  paths.set(path, history);
  return history;
}

/** Nearly all paths share it. */
const noTexts: readonly string[] = [];

function joinTexts(texts: readonly string[], more: readonly string[]): readonly string[] {
  return more.length === 0 ? texts : [...texts, ...more];
}

/** Of a path that the run has not come to. */
export function untouched(path: AbsolutePath): PathHistory {
  return {
    path,
    isRead: false,
    isListed: false,
    isFoundEmpty: false,
    isHardLinked: false,
    isMetadataSet: false,
    isCertain: false,
    isInconsistent: false,
    isOnlyOpened: true,
    isMappable: false,
    isUntimed: false,
    hasChanged: false,
    isRemoved: false,
    wasRemoved: false,
    isSought: false,
    isDirectoryMade: false,
    wasDirectory: false,
    isFile: false,
    linkTexts: noTexts,
    wasMovedAway: false,
    lacksDirectory: false,
  };
}

function note(history: PathHistory, access: Access, effect: Effect): void {
  switch (effect) {
    case "look-missing":
    case "look-present":
    case "read":
      noteLook(history, access, effect);
      break;
    default:
      if (access.kind === "remove" && isOfDirectory(access)) noteEmpty(history);
      noteChange(history, access, effect);
  }
}

function noteLook(history: PathHistory, access: Access, effect: Effect): void {
  if (history.firstChange !== undefined) {
    // It sees the run's own work; but whoever lists a directory of its own may find others' there.
    if (effect === "read" && access.kind === "list") noteListing(history, access);
    return;
  }
  const isPresent = effect !== "look-missing";
  if (!isPresent && isSearch(access)) history.isSought = true;
  if (access.result === "missing" && doesCreate(access)) history.lacksDirectory = true;
  if (history.look === undefined) history.look = { isPresent, ...stampOf(access, isPresent) };
  else if (history.look.isPresent !== isPresent) history.isInconsistent = true;
  else if (history.look.stamp === undefined)
    history.look = { isPresent, ...stampOf(access, isPresent) };
  if (effect === "read") history.isRead = true;
  if (effect === "read" && access.kind === "list") noteListing(history, access);
}

/** Whoever asks for the names in a directory, or for a path itself, may go on to remove what there is. */
function isSearch({ kind, isFollowing }: Access): boolean {
  return kind === "list" || ((kind === "probe" || kind === "remove") && !isFollowing);
}

/** A link on the way is read like any other input, even if no call names it. */
function noteFollowed(history: PathHistory): void {
  if (history.firstChange !== undefined) return;
  history.look ??= { isPresent: true };
  history.isRead = true;
}

function noteListing(history: PathHistory, { listing }: Access): void {
  history.isListed = true;
  if (listing !== undefined && !history.isDirectoryMade) history.listing ??= listing;
}

function noteChange(
  history: PathHistory,
  access: Access,
  effect: "write-whole" | "write-partly" | "append" | "remove",
): void {
  if (history.firstChange === undefined) {
    history.firstChange = effect;
    const isNew = access.stamp !== undefined && stampKind(access.stamp) === "missing";
    if (isNew && doesNeedAbsence(access)) history.look ??= { isPresent: false };
    if (access.stamp !== undefined) history.before = access.stamp;
    else if (history.look?.stamp !== undefined) history.before = history.look.stamp;
  }
  if (access.result === "ok") history.isCertain = true;
  if (access.kind === "metadata" && access.areOnlyTimes !== true) history.isMetadataSet = true;
  if (access.kind !== "write" || effect === "write-whole") history.isOnlyOpened = false;
  if (access.flags?.canRead === true) history.isMappable = true;
  history.isRemoved = effect === "remove";
  history.wasRemoved ||= effect === "remove";
  history.isDirectoryMade = access.kind === "make-directory" && effect === "write-whole";
  const isDirectory = access.stamp !== undefined && stampKind(access.stamp) === "directory";
  const isSeen = access.result === "ok" || access.stamp !== undefined;
  const isWrite = access.kind === "write" && isSeen && !isDirectory;
  if (isWrite || effect === "write-whole") history.isFile = isWrite;
  if (access.kind === "make-link" && effect === "write-whole")
    history.linkTexts = [...history.linkTexts, access.text ?? ""];
}

type Move = {
  readonly access: Access;
  readonly effect: Effect;
  readonly source: PathHistory;
  readonly target: PathHistory;
  readonly findEarlierWork: FindEarlierWork;
};

/** Rename and hard link. A directory takes everything the step had made below it along. */
function move(
  paths: Map<AbsolutePath, PathHistory>,
  { access, effect, source, target, findEarlierWork }: Move,
): void {
  if (effect !== "write-whole") {
    const { stamp: _, ...rest } = access;
    // With a source, it is the target's directory that is missing; else nothing was learnt of the target.
    const isAnyMissing = access.result === "missing";
    const lacksDirectory = isAnyMissing && isKnownToBeThere(source);
    if (!isAnyMissing) note(target, access, effect);
    else note(lacksDirectory ? target : source, rest, effect);
    target.lacksDirectory ||= lacksDirectory;
    return;
  }
  if (access.kind === "rename" && isOfDirectory(access)) noteEmpty(target);
  noteChange(target, access, "write-whole");
  if (access.kind === "hard-link") source.isHardLinked = true;
  target.linkTexts = joinTexts(target.linkTexts, textsOf(source));
  if (access.kind !== "rename") return;
  const { stamp: _, ...withoutStamp } = access;
  const { firstChange, isDirectoryMade, isFile } = source;
  noteChange(source, withoutStamp, "remove");
  const wasFound = source.look?.stamp !== undefined && stampKind(source.look.stamp) === "directory";
  target.isDirectoryMade = isDirectoryMade || wasFound;
  if (target.isDirectoryMade && firstChange === undefined) {
    source.wasMovedAway = true;
    // Whatever else is in it next time would be taken along.
    source.isListed = true;
    source.isRead = true;
    source.wasDirectory = true;
    for (const work of findEarlierWork(source.path))
      noteEarlierWork(historyAt(paths, work.path), work);
  }
  // Tools that write each file aside and then rename it do so thousands of times.
  if (isFile) return;
  const prefix = `${source.path}/`;
  for (const history of [...paths.values()]) {
    if (!history.path.startsWith(prefix) || history.firstChange === undefined) continue;
    const moved = historyAt(
      paths,
      `${target.path}/${history.path.slice(prefix.length)}` as AbsolutePath,
    );
    if (!history.isRemoved)
      noteChange(moved, { ...withoutStamp, stamp: missingStamp }, "write-whole");
    moved.isDirectoryMade = history.isDirectoryMade;
    moved.linkTexts = joinTexts(moved.linkTexts, history.linkTexts);
    history.isRemoved = true;
    history.wasRemoved = true;
  }
}

function isOfDirectory({ stamp }: Access): boolean {
  return stamp !== undefined && stampKind(stamp) === "directory";
}

/** A directory is removed, or gives its place to another, only while nothing is in it. */
function noteEmpty(history: PathHistory): void {
  if (history.firstChange !== undefined) return;
  history.look ??= { isPresent: true };
  history.isRead = true;
  history.isListed = true;
  history.isFoundEmpty = history.listing === undefined;
  history.listing ??= new Map();
}

/** It is about to be taken elsewhere, and may be looked at under its new name. */
function noteEarlierWork(history: PathHistory, { kind }: EarlierWork): void {
  if (history.firstChange !== undefined) return;
  history.look ??= { isPresent: true };
  history.isRead = true;
  history.firstChange = "remove";
  history.isCertain = true;
  history.isOnlyOpened = false;
  history.isDirectoryMade = kind === "directory";
  history.wasDirectory = kind === "directory";
  history.isListed ||= kind === "directory";
  if (kind === "link") history.linkTexts = [...history.linkTexts, ""];
}

/** Of a link that the run did not make, nobody knows. */
function textsOf({ linkTexts, look }: PathHistory): readonly string[] {
  const isForeign = look?.stamp !== undefined && stampKind(look.stamp) === "link";
  return isForeign && linkTexts.length === 0 ? [""] : linkTexts;
}

function isKnownToBeThere({ firstChange, isRemoved, look }: PathHistory): boolean {
  return firstChange === undefined ? look?.isPresent === true : !isRemoved;
}

/** A look that was refused has no stamp of what is there. */
function stampOf({ stamp }: Access, isPresent: boolean): { readonly stamp?: Stamp } {
  return stamp !== undefined && isPresent === (stampKind(stamp) !== "missing") ? { stamp } : {};
}
