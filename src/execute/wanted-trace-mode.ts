import { UserError } from "../base/error.ts";
import type { Environment } from "../base/host.ts";
import { type TraceMode, traceModes } from "../trace/trace-mode.ts";

/** What `VT_TRACE` asks for. Throws a UserError for anything that it cannot be. */
export function wantedTraceMode(environment: Environment): TraceMode | "off" {
  const wanted = environment["VT_TRACE"] || "auto";
  const mode = wanted === "off" ? wanted : traceModes.find((known) => known === wanted);
  if (mode !== undefined) return mode;
  throw new UserError(`Invalid value for VT_TRACE: ${JSON.stringify(wanted)}`, {
    code: "environment-invalid",
    hint: `it is one of ${traceModes.join(", ")}, off`,
  });
}
