// What a tool's question costs: `node scripts/bun.mjs bench/ipc.ts`. Beside it stands an echo of as many
// bytes over a bare Unix socket, by the same means on both sides.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildHostNative } from "../scripts/native.ts";
import { type AbsolutePath, absolutePath } from "../src/base/path.ts";
import { placeClient } from "../src/ipc/client-file.ts";
import { ToolServer } from "../src/ipc/server.ts";
import { toolEnvironment } from "../test/ipc/sample-environment.ts";
import { describeMachine, load } from "./machine.ts";
import { quantile } from "./statistics.ts";

type Kind = "getEnv" | "echo";
type Measured = { readonly firstAnswer: number; readonly times: readonly number[] };

const count = 20_000;
const program = join(import.meta.dir, "programs/ipc-client.cjs");

await buildHostNative();
const directory = await mkdtemp(join(tmpdir(), "vt-bench-ipc-"));
try {
  console.log([...describeMachine(directory), `load ${load()} at the start`].join("\n"));
  console.log("\n| by | clients | median µs | p99 µs | calls/s | first answer ms |");
  console.log("| --- | ---: | ---: | ---: | ---: | ---: |");
  for (const clients of [1, 8])
    for (const kind of ["echo", "getEnv"] as const) console.log(await measure(kind, clients));
  console.log(`\nload ${load()} at the end`);
} finally {
  await rm(directory, { recursive: true });
}

async function measure(kind: Kind, clients: number): Promise<string> {
  const endpoint = absolutePath(join(directory, `${kind}-${clients}.sock`));
  using _ = kind === "echo" ? serveEcho(endpoint) : new ToolServer(endpoint, sample());
  const before = performance.now();
  const results = await Promise.all(Array.from({ length: clients }, () => ask(kind, endpoint)));
  const times = results.flatMap((result) => result.times).map((time) => time / 1000);
  const longest = Math.max(...results.map((result) => sum(result.times))) / 1e9;
  const first = results.map(({ firstAnswer }) => firstAnswer / 1e6);
  const cells = [
    kind,
    clients,
    quantile(times, 0.5).toFixed(1),
    quantile(times, 0.99).toFixed(1),
    Math.round((count * clients) / Math.min(longest, (performance.now() - before) / 1000)),
    quantile(first, 0.5).toFixed(2),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** In a process of its own, since a question stops the thread that asks. */
async function ask(kind: Kind, endpoint: AbsolutePath): Promise<Measured> {
  const client = placeClient([absolutePath(join(directory, "vt"))]);
  const child = Bun.spawn(["node", program, kind, String(count)], {
    env: { ...process.env, VP_RUN_IPC_NAME: endpoint, VP_RUN_NODE_CLIENT_PATH: client },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`${kind} failed`);
  return JSON.parse(text) as Measured;
}

function sample(): ConstructorParameters<typeof ToolServer>[1] {
  return toolEnvironment({ ...process.env, NODE_ENV: "production" } as Record<string, string>);
}

function serveEcho(endpoint: AbsolutePath): Disposable {
  const listener = Bun.listen({
    unix: endpoint,
    socket: { data: (socket, bytes) => void socket.write(bytes) },
  });
  return { [Symbol.dispose]: () => listener.stop(true) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
