import { coloured, plain } from "../base/ansi.ts";
import type { Host } from "../base/host.ts";
import { cacheDirectory } from "../cache/cache.ts";
import { describeDetails } from "../report/details-text.ts";
import { readLastRun } from "../report/last-run.ts";
import type { Terminal } from "../report/terminal.ts";
import { findWorkspace } from "../workspace/root.ts";

/** `vt run --last-details`: the full summary of the last run, with its exit code. */
export async function lastDetails(host: Host, terminal: Terminal): Promise<number> {
  const { root } = await findWorkspace(host.cwd);
  const summary = readLastRun(cacheDirectory({ root, environment: host.environment }));
  const palette = terminal.hasColours.stdout() ? coloured : plain;
  terminal.write("stdout", describeDetails(summary, palette));
  return summary.exitCode;
}
