import { expect, test } from "bun:test";
import { join } from "node:path";
import { plant } from "./faults.ts";
import { plantedFaults } from "./planted-faults.ts";

test.each(Object.entries(plantedFaults))(
  "the planted fault %s fits the sources",
  async (_, fault) => {
    const text = await Bun.file(join(import.meta.dir, "../..", fault.file)).text();
    expect(plant(text, fault)).not.toBe(text);
  },
);
