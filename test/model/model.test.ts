import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { comparePaths } from "../../src/base/path.ts";
import { explore } from "./explore.ts";
import { buildInterpreters } from "./interpreters.ts";
import { knownFailures } from "./known-failures.ts";
import { play, type Stage } from "./play.ts";
import type { Scenario } from "./scenario.ts";
import { describeTally, emptyTally, total } from "./tally.ts";

const vt = join(import.meta.dir, "../../dist/vt");
const fixtures = join(import.meta.dir, "fixtures");
const sequences = 300;
/** A minute on an idle machine, several on a busy one. */
const patience = 900_000;
const shrinkMs = 30_000;

let interpreters: string;

beforeAll(async () => {
  interpreters = await mkdtemp(join(tmpdir(), "interpreters-"));
  await buildInterpreters(interpreters);
}, patience);

afterAll(async () => {
  await rm(interpreters, { recursive: true });
});

function stage(): Stage {
  return { vt, interpreters, tally: emptyTally(), isStrict: false };
}

test(
  "a hit leaves the same files, text and exit code as running would",
  async () => {
    // The same sequences every time; `npm run soak` plays new ones.
    const seed = Number(process.env["VT_MODEL_SEED"] ?? 20_261_121);
    const { tally, ...rest } = stage();
    const findings = await Promise.all(
      [0, 1].map((half) =>
        explore({ ...rest, tally }, { seed: seed + half, sequences: sequences / 2, shrinkMs }),
      ),
    );
    const found = findings.filter((finding) => finding !== undefined);
    expect(found.map((finding) => JSON.stringify(finding))).toEqual([]);
    const counts = `seed ${seed}: ${describeTally(tally)}`;
    expect(tally.hits / tally.steps, counts).toBeGreaterThanOrEqual(0.4);
    expect(total(tally.missedHits) / tally.mustHit, counts).toBeLessThanOrEqual(0.005);
    expect(total(tally.missedStores) / tally.mustStore, counts).toBeLessThanOrEqual(0.005);
  },
  patience,
);

for (const file of [...new Bun.Glob("*.json").scanSync(fixtures)].toSorted(comparePaths)) {
  const name = file.replace(/\.json$/, "");
  const reason = knownFailures[name];
  test(
    reason === undefined ? `the case ${name} goes well` : `the case ${name} fails still: ${reason}`,
    async () => {
      const { scenario } = (await Bun.file(join(fixtures, file)).json()) as { scenario: Scenario };
      const playing = play(scenario, { ...stage(), isStrict: true });
      if (reason === undefined) await playing;
      else await expect(playing).rejects.toThrow();
    },
    patience,
  );
}
