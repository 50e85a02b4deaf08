import type { WorkspacePath } from "../base/path.ts";
import type { SkipReason } from "./skip.ts";

/** One input that is not as it was. */
export type InputChange = {
  readonly kind: "modified" | "added" | "removed";
  readonly path: WorkspacePath;
};

/** Why nothing in the cache fits. A miss always has a reason a person can act on. */
export type MissReason =
  /** Nothing is known of this step: said by silence. */
  | { readonly kind: "not-found" }
  | { readonly kind: "forced" }
  | { readonly kind: "env-changed"; readonly names: readonly string[] }
  | { readonly kind: "untracked-env-changed" }
  | { readonly kind: "program-changed" }
  | { readonly kind: "args-changed" }
  | { readonly kind: "cwd-changed" }
  | { readonly kind: "input-config-changed" }
  | { readonly kind: "output-config-changed" }
  | { readonly kind: "input-changed"; readonly change: InputChange }
  /** An executable that the step ran, by name: `node`. */
  | { readonly kind: "tool-changed"; readonly name: string }
  /** A variable that the tool asked for while it ran. */
  | {
      readonly kind: "tool-env-changed";
      readonly name: string;
      readonly change: "added" | "removed" | "changed";
    }
  /** A later command runs a program in a temporary place, which this one may make, and a hit would not. */
  | { readonly kind: "program-wanted"; readonly name: string }
  | { readonly kind: "platform-changed" }
  /** An output's place is taken by something that vt must not replace. */
  | { readonly kind: "output-blocked"; readonly path: WorkspacePath }
  /** Of several commands that are one to the cache, what is different about one of them. */
  | { readonly kind: "part-changed"; readonly command: string; readonly reason: MissReason }
  /** The last run of this step was not kept; of the results that were, the newest does not fit because of `change`. */
  | {
      readonly kind: "last-run-not-stored";
      readonly reason: SkipReason;
      readonly change?: MissReason;
    }
  /** Its outputs could not be put back; the entry is kept. */
  | { readonly kind: "restore-failed"; readonly detail: string }
  /** Another vt has dropped the entry since it was looked up: a cache is pruned, or cleaned, at any time. */
  | { readonly kind: "entry-dropped" }
  /** The entry was there but could not be used; it has been dropped. */
  | { readonly kind: "entry-damaged"; readonly detail: string };
