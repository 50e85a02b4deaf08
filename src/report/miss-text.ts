import { unreachable } from "../base/assert.ts";
import { nameOf, parentOf, printable } from "../base/path.ts";
import type { InputChange, MissReason } from "../cache/miss.ts";
import type { SkipReason } from "../cache/skip.ts";
import { quote } from "./quote.ts";
import { describeSkip } from "./skip-text.ts";

/** Why nothing in the cache fits, as a phrase; undefined when there never was anything. */
export function describeMiss(reason: MissReason): string | undefined {
  switch (reason.kind) {
    case "not-found":
      return undefined;
    case "forced":
      return "run forced";
    case "env-changed":
      return describeEnvChange(reason.names);
    case "untracked-env-changed":
      return "untracked env config changed";
    case "program-changed":
      return "program changed";
    case "args-changed":
      return "args changed";
    case "cwd-changed":
      return "working directory changed";
    case "input-config-changed":
      return "input configuration changed";
    case "output-config-changed":
      return "output configuration changed";
    case "input-changed":
      return describeInputChange(reason.change);
    case "tool-changed":
      return `${quote(reason.name)} changed`;
    case "tool-env-changed":
      return `env ${quote(reason.name)} ${reason.change}`;
    case "program-wanted":
      return `no hit would make ${quote(reason.name)}, which a later command runs`;
    case "platform-changed":
      return "platform changed";
    case "output-blocked":
      return `something else stands at output ${quote(reason.path)}`;
    case "part-changed":
      return `of ${quote(reason.command)}: ${describeMiss(reason.reason)}`;
    case "last-run-not-stored":
      return [
        ...(reason.change === undefined ? [] : [describeMiss(reason.change)]),
        `last run not stored: ${describeLastSkip(reason.reason)}`,
      ].join("; ");
    case "entry-dropped":
      return "cache entry dropped meanwhile by another vt";
    case "entry-damaged":
      return `cache entry damaged: ${printable(reason.detail)}`;
    case "restore-failed":
      return `outputs could not be restored: ${printable(reason.detail)}`;
    default:
      return unreachable(reason);
  }
}

/** The end of a run says at length why nothing can be tracked, once for all steps. */
function describeLastSkip(reason: SkipReason): string {
  return reason.kind === "trace-unavailable" ? "files could not be tracked" : describeSkip(reason);
}

function describeEnvChange(names: readonly string[]): string {
  return `${names.length === 1 ? "env" : "envs"} ${names.map(quote).join(", ")} changed`;
}

function describeInputChange({ kind, path }: InputChange): string {
  if (kind === "modified") return `${quote(path)} modified`;
  const directory = parentOf(path);
  const place = directory === "" ? "workspace root" : quote(directory);
  return `${quote(nameOf(path))} ${kind} ${kind === "added" ? "in" : "from"} ${place}`;
}
