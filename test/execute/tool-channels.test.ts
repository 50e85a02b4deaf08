import { expect, test } from "bun:test";
import type { Environment } from "../../src/base/host.ts";
import { ToolChannels } from "../../src/execute/tool-channels.ts";
import { hasMemory, memory } from "../harness/abilities.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { toolEnvironment } from "../ipc/sample-environment.ts";

/** What a step is told of where to ask. */
async function endpointIn(environment: Environment): Promise<string | undefined> {
  await using home = await temporaryDirectory();
  using channels = new ToolChannels({ HOME: home.path, ...environment });
  const channel = channels.open(toolEnvironment({}), () => undefined);
  if (channel === undefined || typeof channel === "string") throw new Error(channel);
  using _ = channel.server;
  return channel.variables["VP_RUN_IPC_NAME"];
}

test("the endpoint of a step lies where somebody wants temporary files to be", async () => {
  await using directory = await temporaryDirectory();
  const endpoint = await endpointIn({ TMPDIR: directory.path });
  expect(endpoint).toStartWith(`${directory.path}/vt-tools-`);
});

test.skipIf(!hasMemory())(
  "the endpoint of a step lies in memory where nobody wants it elsewhere (needs memory)",
  async () => {
    expect(await endpointIn({})).toStartWith(`${memory}/vt-tools-`);
  },
);
