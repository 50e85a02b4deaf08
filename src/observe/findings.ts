import type { AbsolutePath, WorkspacePath } from "../base/path.ts";
import type { Condition } from "../fingerprint/condition.ts";

/** What a run turned out to depend on and to produce. */
export type Findings = {
  readonly conditions: readonly Condition[];
  /** Paths the run wrote, or had written before and left in place, that still exist; sorted. */
  readonly outputs: readonly WorkspacePath[];
  /** Those of the outputs that the run itself left alone. */
  readonly kept: ReadonlySet<WorkspacePath>;
  /** Files and links the run itself wrote, sorted. */
  readonly written: readonly WorkspacePath[];
  /** Outputs at whose place nothing stood when the run began: from now on the step's own. */
  readonly created: ReadonlySet<WorkspacePath>;
  /** The step's own paths that it removed and did not write again. */
  readonly removed: readonly WorkspacePath[];
  /** Programs from outside the workspace that were started. */
  readonly programs: readonly AbsolutePath[];
  /** Found when it is asked for, which it rarely is. */
  readonly touches: () => TouchedPaths;
};

export type TouchedPaths = {
  /** Every path that the run looked at or changed and that counts on some side. */
  readonly touched: ReadonlySet<WorkspacePath>;
  /** Those of them that it wrote, removed or gave another mode. */
  readonly changed: ReadonlySet<WorkspacePath>;
};

/** Why a run's result would be wrong, or incomplete, if it were stored. */
export type Problem =
  /** Absolute for a program from outside the workspace. */
  | { readonly kind: "input-changed"; readonly path: string }
  | { readonly kind: "input-unreadable"; readonly path: WorkspacePath }
  | { readonly kind: "overlap"; readonly path: WorkspacePath }
  /** A link that was followed and then changed, so that nobody knows where to. */
  | { readonly kind: "link-changed"; readonly path: WorkspacePath }
  | { readonly kind: "removed-foreign"; readonly path: WorkspacePath }
  | { readonly kind: "wrote-outside"; readonly path: string }
  /** A link in a temporary directory by which the workspace could be reached unseen. */
  | { readonly kind: "link-outside"; readonly path: string };

/** What a run did, and the first reason, if any, why its result must not be stored. */
export type Observation = {
  readonly findings: Findings;
  readonly problem: Problem | undefined;
  /** Paths that were read and then changed: hashed before the next run, to see whether they end as they began. */
  readonly overlaps: readonly WorkspacePath[];
};
