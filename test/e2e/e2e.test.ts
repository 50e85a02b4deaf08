// Every folder in fixtures/ is a workspace with a `steps.toml`, whose cases are played in a copy of it
// and compared with `transcripts/<case>.md`. UPDATE_TRANSCRIPTS=1 writes what came out: read it before
// it is kept.
import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseCases } from "../harness/steps.ts";
import { play, transcriptName } from "../harness/transcript.ts";
import { patience } from "../harness/vt.ts";

const fixtures = join(import.meta.dir, "fixtures");
const isUpdating = process.env["UPDATE_TRANSCRIPTS"] === "1";

for (const name of readdirSync(fixtures).sort()) {
  const directory = join(fixtures, name);
  const cases = parseCases(await Bun.file(join(directory, "steps.toml")).text());
  describe(name, () => {
    for (const item of cases) {
      test(
        item.name,
        async () => {
          const path = join(directory, "transcripts", transcriptName(item.name));
          const transcript = await play(directory, item);
          if (isUpdating) {
            await mkdir(join(directory, "transcripts"), { recursive: true });
            await writeFile(path, transcript);
          }
          expect(transcript).toBe(await Bun.file(path).text());
        },
        patience,
      );
    }

    test("every transcript belongs to a case", () => {
      const expected = cases.map((item) => transcriptName(item.name)).sort();
      expect(readdirSync(join(directory, "transcripts")).sort()).toEqual(expected);
    });
  });
}
