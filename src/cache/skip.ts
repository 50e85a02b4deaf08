import type { WorkspacePath } from "../base/path.ts";
import type { IncompleteReason } from "../trace/access.ts";

/** Why a run's result was not stored. Ordered by priority: the first that applies is given. */
export type SkipReason =
  | { readonly kind: "declared-uncacheable" }
  | { readonly kind: "cancelled" }
  | { readonly kind: "interrupted" }
  /** Without a code where a command could not be started. */
  | { readonly kind: "nonzero-exit"; readonly code?: number }
  | { readonly kind: "timed-out"; readonly limitMs: number }
  | { readonly kind: "tool-message-invalid"; readonly detail: string }
  | { readonly kind: "trace-incomplete"; readonly reason: IncompleteReason }
  | { readonly kind: "trace-unavailable"; readonly detail: string }
  | { readonly kind: "process-left-behind"; readonly name: string; readonly pid: number }
  /** It turned out to be one with a step before it that was replayed, and so not watched. */
  | { readonly kind: "part-replayed" }
  | { readonly kind: "input-changed"; readonly path: string; readonly by?: string }
  | { readonly kind: "input-unreadable"; readonly path: WorkspacePath }
  | { readonly kind: "overlap"; readonly path: WorkspacePath }
  | { readonly kind: "link-changed"; readonly path: WorkspacePath }
  | { readonly kind: "removed-foreign"; readonly path: WorkspacePath }
  | { readonly kind: "wrote-outside"; readonly path: string }
  | { readonly kind: "link-outside"; readonly path: string }
  /** Another vt ran a step with the same key in the meantime. */
  | { readonly kind: "run-twice" }
  | { readonly kind: "written-by-another"; readonly path: WorkspacePath; readonly by: string }
  /** What a `vt run` inside the step looked up was seen by nobody. */
  | { readonly kind: "nested-run" }
  | { readonly kind: "output-unsupported"; readonly path: WorkspacePath; readonly what: string }
  | { readonly kind: "output-changed"; readonly path: WorkspacePath }
  | { readonly kind: "output-too-large"; readonly path: WorkspacePath }
  | { readonly kind: "too-many-outputs"; readonly count: number }
  | { readonly kind: "text-too-large" }
  | { readonly kind: "cache-read-only" }
  | { readonly kind: "cache-trouble"; readonly detail: string };
