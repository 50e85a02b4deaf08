import { expect, test } from "bun:test";
import { workspacePath } from "../../src/base/path.ts";
import type { InputChange, MissReason } from "../../src/cache/miss.ts";
import { describeMiss } from "../../src/report/miss-text.ts";

const input = (kind: InputChange["kind"], path: string): MissReason => ({
  kind: "input-changed",
  change: { kind, path: workspacePath(path) },
});

const cases: readonly (readonly [MissReason, string | undefined])[] = [
  [{ kind: "not-found" }, undefined],
  [{ kind: "forced" }, "run forced"],
  [
    { kind: "program-wanted", name: "/t/x" },
    "no hit would make '/t/x', which a later command runs",
  ],
  [{ kind: "env-changed", names: ["A"] }, "env 'A' changed"],
  [{ kind: "env-changed", names: ["A", "B"] }, "envs 'A', 'B' changed"],
  [{ kind: "untracked-env-changed" }, "untracked env config changed"],
  [{ kind: "program-changed" }, "program changed"],
  [{ kind: "args-changed" }, "args changed"],
  [
    { kind: "part-changed", command: "chmod +x dist", reason: { kind: "args-changed" } },
    "of 'chmod +x dist': args changed",
  ],
  [{ kind: "cwd-changed" }, "working directory changed"],
  [{ kind: "input-config-changed" }, "input configuration changed"],
  [{ kind: "output-config-changed" }, "output configuration changed"],
  [input("modified", "src/x.ts"), "'src/x.ts' modified"],
  [input("added", "packages/a/maybe.txt"), "'maybe.txt' added in 'packages/a'"],
  [input("added", ".env"), "'.env' added in workspace root"],
  [input("removed", "packages/a/dist"), "'dist' removed from 'packages/a'"],
  [input("removed", "x"), "'x' removed from workspace root"],
  [input("modified", "a\nb\udcff"), "'a\\x0ab\\xff' modified"],
  [{ kind: "tool-changed", name: "node" }, "'node' changed"],
  [{ kind: "tool-env-changed", name: "V", change: "added" }, "env 'V' added"],
  [{ kind: "platform-changed" }, "platform changed"],
  [
    { kind: "output-blocked", path: workspacePath("dist") },
    "something else stands at output 'dist'",
  ],
  [
    { kind: "last-run-not-stored", reason: { kind: "overlap", path: workspacePath("f") } },
    "last run not stored: the task read and wrote 'f'",
  ],
  [
    { kind: "last-run-not-stored", reason: { kind: "interrupted" }, change: input("added", "x") },
    "'x' added in workspace root; last run not stored: the run was interrupted",
  ],
  [
    { kind: "restore-failed", detail: "no space left" },
    "outputs could not be restored: no space left",
  ],
  [{ kind: "entry-dropped" }, "cache entry dropped meanwhile by another vt"],
  [{ kind: "entry-damaged", detail: "wrong digest" }, "cache entry damaged: wrong digest"],
];

test.each(cases)("%j reads as %p", (reason, expected) => {
  expect(describeMiss(reason)).toBe(expected);
});
