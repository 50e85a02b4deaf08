import { expect, test } from "bun:test";
import { digestOf } from "../../src/base/digest.ts";
import type { AbsolutePath } from "../../src/base/path.ts";
import { Cache } from "../../src/cache/cache.ts";
import { beginRunning } from "../../src/cache/running.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";

const key = digestOf("key");

function open(root: AbsolutePath): Cache {
  const warn = (text: string): void => {
    throw new Error(text);
  };
  return Cache.open({ root, environment: {}, now: Date.now, warn });
}

/** As if the vt in process `pid` had begun at another time than the process that has that number now. */
function makeEarlier(cache: Cache): void {
  cache.attempt((database) => {
    const runners = JSON.parse(String(database.record("run", key)));
    const value = Buffer.from(
      JSON.stringify(runners).replaceAll(/"started":"\d+"/g, '"started":"1"'),
    );
    database.setRecord("run", key, { usedMs: Date.now(), value });
  });
}

test("two that run the same at once know of each other, also when one has ended", async () => {
  await using directory = await temporaryDirectory();
  using cache = open(directory.path);
  await using other = Bun.spawn(["sleep", "60"]);
  const theirs = beginRunning(cache, [key], other.pid);
  const ours = beginRunning(cache, [key], process.pid);
  expect(theirs.end()).toBe("shared");
  expect(ours.soFar()).toBe("shared");
  expect(ours.end()).toBe("shared");
  expect(beginRunning(cache, [key], process.pid).end()).toBe("alone");
});

test("a vt that was killed does not count, also when another process has its number", async () => {
  await using directory = await temporaryDirectory();
  using cache = open(directory.path);
  await using other = Bun.spawn(["sleep", "60"]);
  beginRunning(cache, [key], other.pid);
  makeEarlier(cache);
  expect(beginRunning(cache, [key], process.pid).end()).toBe("alone");

  beginRunning(cache, [key], other.pid);
  other.kill("SIGKILL");
  await other.exited;
  expect(beginRunning(cache, [key], process.pid).end()).toBe("alone");
});
