import type { Environment } from "../base/host.ts";
import { printable } from "../base/path.ts";
import type { StepOutcome } from "../execute/event.ts";
import type { Step } from "../plan/step.ts";
import { describeTask } from "./command-line-status.ts";
import { describeFailure } from "./failure-text.ts";
import type { Frame } from "./grouped.ts";
import { labelOf } from "./labeled.ts";
import { hasFailed } from "./summary.ts";

/** A system that runs jobs, and whose log can be folded. */
export type CiSystem = "github" | "gitlab" | "buildkite";

/** Where vt runs; undefined also for a vt inside of a task, whose text becomes part of that task's. */
export function findCiSystem(environment: Environment): CiSystem | undefined {
  const { GITHUB_ACTIONS, GITLAB_CI, BUILDKITE, VP_RUN } = environment;
  if (VP_RUN !== undefined) return undefined;
  if (GITHUB_ACTIONS === "true") return "github";
  if (GITLAB_CI === "true") return "gitlab";
  return BUILDKITE === "true" ? "buildkite" : undefined;
}

/** How a step's text becomes a section of the log: folded, unless the step has failed. `now` is a clock, in milliseconds. */
export function sectionFrame(system: CiSystem, now: () => number): Frame {
  switch (system) {
    case "github":
      return githubFrame;
    case "gitlab":
      return gitlabFrame(now);
    case "buildkite":
      return buildkiteFrame;
  }
}

/** Of a failed step nothing is folded, so it stands between the groups of others. */
const githubFrame: Frame = {
  ...section(),
  open: (step, commandLine, outcome) =>
    `${isFailure(outcome) ? "" : "::group::"}${labelOf(step)}${commandLine}\n`,
  close: (_step, outcome) => (isFailure(outcome) ? "\n" : "::endgroup::\n"),
};

/** Sections have a beginning and an end in seconds, from which GitLab works out how long they took. */
function gitlabFrame(now: () => number): Frame {
  const starts = new Map<Step, { readonly number: number; readonly seconds: number }>();
  const seconds = (): number => Math.floor(now() / 1000);
  const nameOf = (step: Step): string => {
    const name = describeTask(step.task).replace(/[^A-Za-z0-9]+/g, "_");
    return `vt_${starts.get(step)?.number ?? 0}_${name}`;
  };
  return {
    ...section(),
    begin: (step) => {
      starts.set(step, { number: starts.size, seconds: seconds() });
      return "";
    },
    open: (step, commandLine, outcome) => {
      const options = isFailure(outcome) ? "" : "[collapsed=true]";
      const mark = `section_start:${starts.get(step)?.seconds ?? seconds()}:${nameOf(step)}${options}`;
      return `\x1b[0K${mark}\r\x1b[0K${labelOf(step)}${commandLine}\n`;
    },
    close: (step) => `\x1b[0Ksection_end:${seconds()}:${nameOf(step)}\r\x1b[0K\n`,
  };
}

/** A section ends where the next one begins. */
const buildkiteFrame: Frame = {
  ...section(),
  open: (step, commandLine, outcome) =>
    `${isFailure(outcome) ? "+++" : "---"} ${labelOf(step)}${commandLine}\n`,
  close: () => "",
  end: () => "+++ Summary\n",
};

/** What sections have in common. */
function section(): Pick<Frame, "begin" | "end" | "silent" | "streams"> {
  return { begin: () => "", end: () => "\n", silent: "shown", streams: "joined" };
}

function isFailure(outcome: StepOutcome | undefined): boolean {
  return outcome !== undefined && hasFailed({ outcome });
}

/** An annotation for a step that failed, as GitHub Actions takes it. */
export function describeAnnotation(step: Step, outcome: StepOutcome): string {
  const name = describeTask(step.task);
  const text = `${name} ${describeFailure(outcome)}: ${printable(step.commandText)}`;
  return `::error title=${escapeProperty(name)}::${escapeData(text)}\n`;
}

/** Whether the line speaks to GitHub Actions, which it does only from its first column. */
export function isWorkflowCommand(line: Uint8Array): boolean {
  const start = Buffer.from(line.subarray(0, 64)).toString("latin1");
  return /^(?:::[a-z][a-z-]*(?:::| )|##\[[a-z]+\])/.test(start);
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
