import { coloured, plain } from "../base/ansi.ts";
import { isDirectory } from "../base/directory.ts";
import type { Host } from "../base/host.ts";
import { once } from "../base/once.ts";
import { printable } from "../base/path.ts";
import { Cache, cacheMode } from "../cache/cache.ts";
import { type Forecasts, foresee } from "../execute/foresee.ts";
import { PlannedItems } from "../execute/planned-items.ts";
import { ProgramMemo } from "../execute/program-memo.ts";
import { scratchPlaces } from "../execute/scratch-places.ts";
import { HashMemo } from "../fingerprint/hash-memo.ts";
import { plan } from "../plan/plan.ts";
import { searchPrograms } from "../plan/program.ts";
import type { ExecutionGraph } from "../plan/step.ts";
import { describeForecasts, explainForecasts } from "../report/forecast-text.ts";
import { planJson } from "../report/plan-json.ts";
import type { Terminal } from "../report/terminal.ts";
import type { PlanRequest } from "../task/run-options.ts";
import { platformOf } from "./platform.ts";
import { readWorkspace } from "./read-workspace.ts";

/** `text`: a line for each step. `reasons`: all that is known of each. */
export type PreviewForm = "text" | "reasons" | "json";

/** `vt run --dry-run` and `vt why`: what would run, and what the cache has. Nothing is run, nothing written. */
export async function preview(
  request: PlanRequest,
  form: PreviewForm,
  host: Host,
  terminal: Terminal,
): Promise<number> {
  const { graph, forecasts } = await forecastPlan(request, host, terminal);
  const palette = terminal.hasColours.stdout() ? coloured : plain;
  switch (form) {
    case "text":
      terminal.write("stdout", describeForecasts(forecasts, palette));
      return 0;
    case "reasons":
      terminal.write("stdout", explainForecasts(forecasts, palette));
      return 0;
    case "json":
      terminal.write("stdout", planJson(graph, forecasts));
      return 0;
  }
}

/** Plans a run, and asks the cache about each of its steps. Throws a UserError as a run would. */
async function forecastPlan(
  request: PlanRequest,
  host: Host,
  terminal: Terminal,
): Promise<{ readonly graph: ExecutionGraph; readonly forecasts: Forecasts }> {
  const workspace = await readWorkspace(host);
  const mode = cacheMode(host.environment);
  const warn = (text: string): void => terminal.write("stderr", `warning: ${printable(text)}\n`);
  const { root } = workspace;
  const programs = searchPrograms(root);
  const looks = { locateProgram: programs.locate, isDirectory };
  const graph = plan({ workspace, host, ...looks, isCacheOff: mode === "off", warn }, request);
  using cache = Cache.open({
    root,
    // Only looking must not create a cache, nor put a damaged one aside.
    environment: mode === "off" ? host.environment : { ...host.environment, VT_CACHE: "read" },
    now: host.now,
    warn,
  });
  const hashes = new HashMemo(host.now);
  const forecasts = await foresee(graph, {
    root,
    cache,
    planned: new PlannedItems(graph, cache, { root, platform: platformOf(host) }),
    pid: host.pid,
    now: host.now,
    programs: new ProgramMemo(cache, hashes, programs.find),
    hashes,
    scratch: once(() => scratchPlaces(host.environment)),
  });
  return { graph, forecasts };
}
