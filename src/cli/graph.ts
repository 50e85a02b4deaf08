import { unreachable } from "../base/assert.ts";
import { isDirectory } from "../base/directory.ts";
import { UserError } from "../base/error.ts";
import type { Host } from "../base/host.ts";
import { printable } from "../base/path.ts";
import { cacheDirectory } from "../cache/cache.ts";
import { plan } from "../plan/plan.ts";
import { searchPrograms } from "../plan/program.ts";
import { pageText } from "../report/graph-page.ts";
import { type Picture, pictureOf } from "../report/graph-picture.ts";
import { dotText, mermaidText } from "../report/graph-text.ts";
import { readLastRun } from "../report/last-run.ts";
import type { RunSummary } from "../report/summary.ts";
import type { Terminal } from "../report/terminal.ts";
import type { PlanRequest } from "../task/run-options.ts";
import type { GraphFormat } from "./look-commands.ts";
import { readWorkspace } from "./read-workspace.ts";

/** `vt graph`: a plan as a picture, with what became of its tasks when they were last run. */
export async function graph(
  request: PlanRequest,
  format: GraphFormat,
  host: Host,
  terminal: Terminal,
): Promise<number> {
  const workspace = await readWorkspace(host);
  const warn = (text: string): void => terminal.write("stderr", `warning: ${printable(text)}\n`);
  const { root } = workspace;
  const looks = { locateProgram: searchPrograms(root).locate, isDirectory };
  const planned = plan({ workspace, host, ...looks, isCacheOff: false, warn }, request);
  const lastRun = findLastRun(cacheDirectory({ root, environment: host.environment }));
  const picture = pictureOf(planned, lastRun);
  const title = ["vt run", request.task, ...request.extraArgs].join(" ");
  terminal.write("stdout", draw(format, printable(title), picture, lastRun));
  return 0;
}

function findLastRun(directory: Parameters<typeof readLastRun>[0]): RunSummary | undefined {
  try {
    return readLastRun(directory);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function draw(
  format: GraphFormat,
  title: string,
  picture: Picture,
  lastRun: RunSummary | undefined,
): string {
  switch (format) {
    case "mermaid":
      return mermaidText(picture);
    case "dot":
      return dotText(picture);
    case "html":
      return pageText(title, picture, lastRun);
    default:
      return unreachable(format);
  }
}
