import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One of those that are compared. */
export type Contestant = {
  readonly name: string;
  readonly command: readonly string[];
  readonly cwd: string;
  /** 0 when it is not given. */
  readonly exitCode?: number;
  /** Brings about what is to be measured; not timed itself. */
  readonly prepare?: () => void;
  /** Throws unless the work was done, and only the work. */
  readonly check?: () => void;
};

/** The contestant whose time the others' is compared with. */
export const subject = "vt";

/** What is wanted of `subject`: beside the row it stands in, or by itself in its own row. */
export type Goal = {
  /** Its time divided by this row's, at most. */
  readonly time?: number;
  /** Its peak memory divided by this row's, at most. */
  readonly memory?: number;
  readonly ms?: number;
  readonly mebibytes?: number;
};

/** The same work, done by several. */
export type Workload = {
  readonly contestants: readonly Contestant[];
  /** Rows that are the sum of other rows of the same round. */
  readonly sums?: Readonly<Record<string, readonly string[]>>;
  readonly goals?: Readonly<Record<string, Goal>>;
};

export type Sample = {
  readonly wallMs: number;
  /** Of all its processes together. */
  readonly cpuMs: number;
  /** Of its largest process. */
  readonly peakMebibytes: number;
};

export type Row = {
  readonly name: string;
  /** One for each round. */
  readonly samples: readonly Sample[];
};

export type Measurement = {
  readonly rows: readonly Row[];
  readonly goals: Readonly<Record<string, Goal>>;
};

/** How programs are started, and what with. */
export type Laboratory = {
  readonly stopwatch: string;
  /** For reports and for what programs print. */
  readonly scratch: string;
  readonly environment: Readonly<Record<string, string>>;
};

/**
 * Lets each contestant do the work once a round, after a round that does not count, so that a change
 * of the machine's load meets all of them alike. Who begins changes from round to round. Throws when
 * one of them fails or does not do its work.
 */
export function measure(workload: Workload, rounds: number, laboratory: Laboratory): Measurement {
  const { contestants } = workload;
  const samples = new Map<string, Sample[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const index of contestants.keys()) {
      const contestant = contestants[(index + round) % contestants.length];
      if (contestant === undefined) continue;
      contestant.prepare?.();
      const sample = runOnce(contestant, laboratory);
      contestant.check?.();
      if (round > 0) samples.get(contestant.name)?.push(sample);
    }
  }
  const rows = [...samples].map(([name, taken]) => ({ name, samples: taken }));
  const sums = Object.entries(workload.sums ?? {}).map(([name, parts]) =>
    sumOf(name, parts, samples),
  );
  return { rows: [...rows, ...sums], goals: workload.goals ?? {} };
}

/** Runs it to its end. Throws, with what it printed, when it ends as it should not. */
export function runOnce(
  contestant: Pick<Contestant, "name" | "command" | "cwd" | "exitCode">,
  { stopwatch, scratch, environment }: Laboratory,
): Sample {
  const report = join(scratch, "report");
  const text = join(scratch, "text");
  const output = openSync(text, "w");
  const { exitCode } = Bun.spawnSync([stopwatch, report, ...contestant.command], {
    cwd: contestant.cwd,
    env: environment,
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  if (exitCode !== 0) throw new Error(`${contestant.name}: the stopwatch failed`);
  const [wall = 0, cpu = 0, peak = 0, code] = readFileSync(report, "utf8").split(" ").map(Number);
  const expected = contestant.exitCode ?? 0;
  if (code !== expected) {
    const printed = readFileSync(text, "utf8").slice(-2000);
    throw new Error(`${contestant.name} ended with ${code}, not ${expected}:\n${printed}`);
  }
  return { wallMs: wall / 1e6, cpuMs: cpu / 1e6, peakMebibytes: peak / 1024 };
}

function sumOf(
  name: string,
  parts: readonly string[],
  samples: ReadonlyMap<string, readonly Sample[]>,
): Row {
  const [first = [], ...others] = parts.map((part) => {
    const taken = samples.get(part);
    if (taken === undefined) throw new Error(`no contestant is named ${part}`);
    return taken;
  });
  const sums = first.map((sample, round) =>
    others.reduce((sum, other) => addSamples(sum, other[round]), sample),
  );
  return { name, samples: sums };
}

/** One after the other: times add up, the larger memory counts. */
function addSamples(sum: Sample, other: Sample | undefined): Sample {
  if (other === undefined) throw new Error("a round has a sample of every contestant");
  return {
    wallMs: sum.wallMs + other.wallMs,
    cpuMs: sum.cpuMs + other.cpuMs,
    peakMebibytes: Math.max(sum.peakMebibytes, other.peakMebibytes),
  };
}
