/** A mistake that vt might make: `from` stands once in `file`, and is replaced. */
export type PlantedFault = { readonly file: string; readonly from: string; readonly to: string };

/**
 * Mistakes that the model test must find. They are planted in a copy of the sources, which hold none;
 * `npm run soak -- --faults` builds a vt with each and plays until it is found.
 */
export const plantedFaults: Readonly<Record<string, PlantedFault>> = {
  "any-work-is-own": {
    file: "src/cache/check.ts",
    from: 'if (tolerance === "own-work" && kind !== "directory" && context.holdsOwnWork(path))',
    to: 'if (tolerance === "own-work" && kind !== "directory")',
  },
  "appends-are-whole-writes": {
    file: "src/observe/effect.ts",
    from: 'if (flags.appends) return "append";',
    to: 'if (flags.appends) return "write-whole";',
  },
  "drop-an-env-prefix": {
    file: "src/plan/environment-lists.ts",
    from: '"LANG", "LC_*", "NEXT_PUBLIC_*"]',
    to: '"LANG", "NEXT_PUBLIC_*"]',
  },
  "drop-executable-bit": {
    file: "src/fingerprint/state.ts",
    from: "return a.hash === b.hash && a.isExecutable === b.isExecutable;",
    to: "return a.hash === b.hash;",
  },
  "everything-may-be-missing": {
    file: "src/cache/check.ts",
    from: 'const isFine = state.kind === "missing" || tolerance !== "exact";',
    to: 'const isFine = state.kind === "missing" || tolerance !== undefined;',
  },
  "follow-links": {
    file: "src/fingerprint/state.ts",
    from: 'if (a.kind === "link" && b.kind === "link") return a.target === b.target;',
    to: "",
  },
  "forget-env-values": {
    file: "src/cache/key.ts",
    from: "[name, digestOf(value)]",
    to: "[name, digestOf(name)]",
  },
  "forget-later-items": {
    file: "src/execute/unit-run.ts",
    from: "return items.flatMap(({ item, sight }) =>",
    to: "return items.slice(0, 1).flatMap(({ item, sight }) =>",
  },
  "forget-links-on-the-way": {
    file: "src/observe/history.ts",
    from: "noteFollowed(historyAt(paths, link));",
    to: "void noteFollowed;",
  },
  "forget-listings": {
    file: "src/cache/check.ts",
    from: 'if (state.kind === "listing") return listingChanges(path, state.entries, context)[0];',
    to: 'if (state.kind === "listing") return undefined;',
  },
  "forget-missing-probes": {
    file: "src/cache/check.ts",
    from: 'if (state.kind === "missing") return { kind: "added", path };',
    to: 'if (state.kind === "missing") return undefined;',
  },
  "forget-renames": {
    file: "src/observe/history.ts",
    from: 'noteChange(target, access, "write-whole");\n  if (access.kind === "hard-link")',
    to: 'if (access.kind === "hard-link")',
  },
  "forget-stderr": {
    file: "src/execute/show-replay.ts",
    from: "for (const { stream, bytes } of texts[position] ?? [])",
    to: "for (const { stream, bytes } of (texts[position] ?? []).slice(0, 1))",
  },
  "forget-texts-of-later-items": {
    file: "src/execute/show-replay.ts",
    from: "for (const { stream, bytes } of texts[position] ?? [])",
    to: "for (const { stream, bytes } of texts[0] ?? [])",
  },
  "forget-untouched-outputs": {
    file: "src/observe/observe.ts",
    from: "for (const path of context.owned.keys()) keepOwned(collected, context, path);",
    to: "void keepOwned;",
  },
  "hash-after-the-run": {
    file: "src/observe/judge.ts",
    from: 'if (isThere && !isSame) return { problem: "input-changed" };',
    to: "void isSame;",
  },
  "hit-without-checking": {
    file: "src/cache/lookup.ts",
    from: 'if (change !== undefined) return { kind: "differs", reason: { kind: "input-changed", change } };',
    to: 'if (change !== undefined) return { kind: "fits", entry, isFresh: false };',
  },
  "ignore-gaps-in-traces": {
    file: "src/execute/store-decision.ts",
    from: 'if (reason !== undefined) return { kind: "trace-incomplete", reason };',
    to: "void reason;",
  },
  "items-never-meet": {
    file: "src/execute/touches.ts",
    from: "if (earlier.touched.has(path)) return true;",
    to: "if (later.touched.size < 0) return true;",
  },
  // What a run removed goes by one rule, what it no longer made by another, and the second finds what the first
  // left, but where the step ran with other variables in between: test/e2e/fixtures/own-work has such a case.
  "leave-what-goes": {
    file: "src/execute/stale-outputs.ts",
    from: "else unlinkSync(diskPath(at));",
    to: 'else return "ENOENT";',
  },
  "list-after-the-run": {
    file: "src/observe/listing.ts",
    from: "    if (!isSame)\n      return {",
    to: "    if (isSame && !isSame)\n      return {",
  },
  "merge-negatives": {
    file: "src/execute/findings.ts",
    from: "!isNoInput.matches(path) && !ignored.isInput(path),",
    to: "!isNoInput.matches(path) && !isNoOutput.matches(path) && !ignored.isInput(path),",
  },
  "merge-negatives-of-outputs": {
    file: "src/execute/findings.ts",
    from: "|| isDeclaredOutput.matches(path)) &&\n      !isNoOutput.matches(path),",
    to: "|| isDeclaredOutput.matches(path)) &&\n      !isNoOutput.matches(path) && !isNoInput.matches(path),",
  },
  "overlaps-are-fine": {
    file: "src/observe/judge.ts",
    from: 'if (input === "overlap") return { problem: "overlap" };',
    to: 'if (input === "overlap") return { isOutput: true };',
  },
  "overlook-modes": {
    file: "src/archive/in-place.ts",
    from: 'if ((stampPermissions(stamp) & permissionMask) !== row.mode) return "different";',
    to: "void [stampPermissions, permissionMask];",
  },
  "partial-writes-are-whole": {
    file: "src/observe/effect.ts",
    from: 'return there === false ? "write-whole" : "write-partly";',
    to: 'return "write-whole";',
  },
  "removals-are-fine": {
    file: "src/observe/judge.ts",
    from: "return wasThere && !facts.isOwned && !facts.isEmptied && !facts.isOverlapDissolved;",
    to: "return wasThere && facts.isEmptied && !facts.isEmptied;",
  },
  "recall-without-looking": {
    file: "src/cli/recall.ts",
    from: "if (beganAtMs > run.validUntilMs || !isStillSo(run, library)) return undefined;",
    to: "void isStillSo;",
  },
  "restore-without-modes": {
    file: "src/archive/staging.ts",
    from: "group.push({ name: place.name, mode: entry.mode, start, size: entry.size });",
    to: "group.push({ name: place.name, mode: 0o644, start, size: entry.size });",
  },
  "settled-without-looking": {
    file: "src/execute/settled-hit.ts",
    from: "areMet(root, settled.expectations) &&",
    to: "",
  },
  "skip-content-digests": {
    file: "src/fingerprint/state.ts",
    from: "return a.hash === b.hash && a.isExecutable === b.isExecutable;",
    to: "return a.isExecutable === b.isExecutable;",
  },
  "skip-digests-on-restore": {
    file: "src/archive/in-place.ts",
    from: 'return stampSize(stamp) === row.size ? "same-but-content" : "different";',
    to: 'return stampSize(stamp) === row.size ? "same" : "different";',
  },
  "store-after-failure": {
    file: "src/execute/store-decision.ts",
    from: "if (!hasEndedWell(run)) return failureOf(run);",
    to: "void [hasEndedWell, failureOf];",
  },
  "trust-times-alone": {
    file: "src/native/stamp.ts",
    from: "return a.equals(b);",
    to: "return a.compare(b, 0, 40, 0, 40) === 0;",
  },
};
