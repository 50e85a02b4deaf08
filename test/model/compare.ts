import type { Setup } from "./scenario.ts";
import { describeNode, isSameNode, type Node, type Snapshot } from "./snapshot.ts";
import type { TwinRun } from "./twin.ts";

/** A step as vt ran it, or did not need to run it. */
export type MainRun = {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly status: "hit" | "miss" | "off";
  /** The numbers of its items that were hits. */
  readonly replayed: readonly number[];
  /** Why it missed. */
  readonly reason: string;
  readonly reasonText: string;
  /** Why it was not stored, if it was not. */
  readonly notStored?: string;
  readonly notStoredText?: string;
  readonly before: Snapshot;
  readonly after: Snapshot;
};

export type Allowance = {
  readonly setup: Setup;
  /** Whether the task may have left this at the path in an earlier state. */
  readonly isLeftOver: (path: string, node: Node) => boolean;
};

/** What differs between the trees, texts and exit codes, a line each. */
export function compareRuns(
  main: MainRun,
  twin: TwinRun,
  { setup, isLeftOver }: Allowance,
): string[] {
  const differences: string[] = [];
  if (main.exitCode !== twin.exitCode)
    differences.push(`exit code ${main.exitCode}, not ${twin.exitCode}`);
  for (const stream of ["stdout", "stderr"] as const) {
    const text = framed(main[stream]);
    const expected = framed(twin[stream]);
    if (text !== expected)
      differences.push(`${stream} ${JSON.stringify(text)}, not ${JSON.stringify(expected)}`);
  }
  for (const path of new Set([...main.after.keys(), ...twin.after.keys()])) {
    const [is, shouldBe] = [main.after.get(path), twin.after.get(path)];
    if (isSameNode(is, shouldBe) || !isOutput(path, setup)) continue;
    if (is !== undefined && shouldBe === undefined && isLeftOver(path, is)) continue;
    if (isNoMatter(path, setup, main)) continue;
    differences.push(`'${path}' is ${describeNode(is)}, not ${describeNode(shouldBe)}`);
  }
  return differences;
}

function isOutput(path: string, setup: Setup): boolean {
  return setup !== "no-source-outputs" || !path.startsWith("src/");
}

/**
 * By the user's word it is no input what stands there: where an item that would have looked at it first left it as
 * it found it once, a hit of it does so whatever it is.
 */
function isNoMatter(path: string, setup: Setup, { replayed, before, after }: MainRun): boolean {
  const isShared = setup === "no-shared-inputs" && /(^|\/)w-/.test(path);
  return isShared && replayed.length > 0 && isSameNode(before.get(path), after.get(path));
}

/** What programs printed, without what vt prints around them. */
function framed(bytes: Buffer): string {
  const text = bytes.toString("latin1");
  const blocks = text.match(/<<<\n.*?>>>\n/gs);
  return blocks === null ? `(no program ran) ${text}` : blocks.join("");
}
