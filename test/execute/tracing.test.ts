import { expect, test } from "bun:test";
import type { Environment } from "../../src/base/host.ts";
import { absolutePath } from "../../src/base/path.ts";
import { Tracing } from "../../src/execute/tracing.ts";
import { hasRoomInMemory } from "../harness/abilities.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

/** Where the channel of a step lies that is traced in this environment. */
async function channelIn(environment: Environment): Promise<string | undefined> {
  await using directory = await temporaryDirectory();
  using tracing = new Tracing({
    root: directory.path,
    environment,
    git: () => undefined,
    around: () => undefined,
    linkedPlaces: () => [],
  });
  const start = tracing.begin();
  if (start.kind !== "tracing") throw new Error(start.detail);
  using trace = start.trace;
  const program = absolutePath("/bin/true");
  const { environment: given } = trace.launch({ program, name: "true", args: [], environment: {} });
  return given["VT_CHANNEL"];
}

test("a channel lies where somebody wants temporary files to be", async () => {
  await using directory = await temporaryDirectory();
  expect(await channelIn({ TMPDIR: directory.path })).toStartWith(`${directory.path}/vt-`);
});

test.skipIf(!hasRoomInMemory())(
  "a channel lies in memory where there is room and nobody wants it elsewhere (needs room in memory)",
  async () => {
    expect(await channelIn({})).toStartWith("/dev/shm/vt-");
  },
);
