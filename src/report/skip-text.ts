import { unreachable } from "../base/assert.ts";
import { printable } from "../base/path.ts";
import type { SkipReason } from "../cache/skip.ts";
import type { IncompleteReason } from "../trace/access.ts";
import { describeDuration } from "./duration-text.ts";
import { quote } from "./quote.ts";

/** Why a result was not stored: a phrase that can follow "because". */
export function describeSkip(reason: SkipReason): string {
  switch (reason.kind) {
    case "declared-uncacheable":
      return "the task opted out of caching";
    case "cancelled":
      return "the task was stopped after another one had failed";
    case "interrupted":
      return "the run was interrupted";
    case "nonzero-exit":
      return `the task failed${reason.code === undefined ? "" : ` with exit code ${reason.code}`}`;
    case "timed-out":
      return `the task took longer than ${describeDuration(reason.limitMs)}`;
    case "tool-message-invalid":
      return `task communication failed: ${printable(reason.detail)}`;
    case "trace-incomplete":
      return describeIncomplete(reason.reason);
    case "trace-unavailable":
      return `files cannot be tracked here: ${printable(reason.detail)}`;
    case "process-left-behind":
      return `${describeProcess(reason)} still ran when the task had ended`;
    case "input-changed":
      return reason.by === undefined
        ? `${quote(reason.path)} changed while the task ran`
        : `${quote(reason.path)} was changed by ${printable(reason.by)} while the task ran`;
    case "input-unreadable":
      return `input ${quote(reason.path)} could not be read`;
    case "overlap":
      return `the task read and wrote ${quote(reason.path)}`;
    case "link-changed":
      return `the task went through the link ${quote(reason.path)} and then moved, replaced or removed it`;
    case "removed-foreign":
      return `the task removed ${quote(reason.path)}, which it had not made`;
    case "link-outside":
      return `the task may have reached the workspace through its link ${quote(reason.path)}`;
    case "wrote-outside":
      return `the task wrote outside the workspace: ${quote(reason.path)}`;
    case "run-twice":
      return "the same was run at the same time, by another task or another vt";
    case "written-by-another":
      return `${printable(reason.by)} writes ${quote(reason.path)} too`;
    case "nested-run":
      return "the task started a `vt run` from which nothing was heard";
    case "output-unsupported":
      return `output ${quote(reason.path)} cannot be stored: it is ${printable(reason.what)}`;
    case "output-changed":
      return `output ${quote(reason.path)} changed after the task had ended`;
    case "output-too-large":
      return `output ${quote(reason.path)} is larger than 4 GiB`;
    case "too-many-outputs":
      return `the task has ${reason.count} outputs, more than 200000`;
    case "text-too-large":
      return "the task printed more than 256 MiB";
    case "part-replayed":
      return "it was one with a step that came from the cache";
    case "cache-read-only":
      return "the cache is read-only";
    case "cache-trouble":
      return `the cache could not be written: ${printable(reason.detail)}`;
    default:
      return unreachable(reason);
  }
}

/** Whether the reason is news: one that the task or the person did not bring about on purpose. */
export function isNoteworthySkip(reason: SkipReason): boolean {
  switch (reason.kind) {
    case "declared-uncacheable":
    case "cancelled":
    case "interrupted":
    case "nonzero-exit":
    case "timed-out":
    case "cache-read-only":
      return false;
    default:
      return true;
  }
}

function describeIncomplete(reason: IncompleteReason): string {
  switch (reason.kind) {
    case "channel-full":
      return "this task used more files than automatic tracking can record";
    case "filter-refused":
      return `the system refused to track files: ${printable(reason.detail)}`;
    case "listener-lost":
      return "file tracking ended before the task did";
    case "foreign-architecture":
      return `${quote(reason.program)} calls the system as another processor does and cannot be tracked`;
    case "privileged-program":
      return `${quote(reason.program)} runs with privileges of its own and cannot be tracked`;
    case "unreadable-memory":
      return "a path could not be read from the memory of the task";
    case "untraced-program":
      return `${quote(reason.program)} cannot be tracked`;
    case "moved-root":
      return `${quote(reason.program)} changed what paths mean to it and cannot be tracked`;
    case "by-handle":
      return `${quote(reason.program)} opened a file without its path and cannot be tracked`;
    case "damaged-record":
      return "the record of the files it used is damaged";
    default:
      return unreachable(reason);
  }
}

function describeProcess({ name, pid }: { readonly name: string; readonly pid: number }): string {
  return pid === 0 ? "a process" : `${quote(name)} (process ${pid})`;
}
