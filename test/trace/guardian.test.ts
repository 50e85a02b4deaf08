import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import type { AbsolutePath } from "../../src/base/path.ts";
import { guardianOf } from "../harness/processes.ts";
import { temporaryDirectory } from "../harness/temporary-directory.ts";
import { waitFor } from "../harness/wait.ts";
import { compileC } from "./run-traced.ts";

/** Makes calls that the filter reports from four processes at once, and says when it began and ended. */
const storm = `
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void) {
  close(open("begun", O_CREAT | O_WRONLY, 0600));
  for (int i = 0; i < 4; i++)
    if (fork() == 0) {
      for (int n = 0; n < 20000; n++) if (access("begun", F_OK) != 0) _exit(1);
      _exit(0);
    }
  int status, failures = 0;
  for (int i = 0; i < 4; i++) { wait(&status); failures += status != 0; }
  close(open(failures == 0 ? "done" : "failed", O_CREAT | O_WRONLY, 0600));
  return 0;
}`;

test("a traced program goes on undisturbed when vt is killed in the middle of answering it", async () => {
  for (let round = 0; round < 3; round++) {
    await using directory = await temporaryDirectory();
    const { path } = directory;
    const program = await compileC(path, { name: "storm", source: storm, flags: ["-static"] });
    const script = Bun.fileURLToPath(import.meta.resolve("./hold-trace.ts"));
    const vt = Bun.spawn([process.execPath, script, path, program], {
      cwd: path,
      stdio: ["ignore", "ignore", "inherit"],
    });
    await waitFor("the program to be at work", () => existsSync(`${path}/begun`));
    vt.kill("SIGKILL");
    await vt.exited;
    await waitFor("the program to end", () => ended(path) !== undefined);
    expect(ended(path)).toBe("done");
    await waitFor("the guardian to end", () => guardianOf(vt.pid) === undefined);
  }
}, 60_000);

function ended(directory: AbsolutePath): string | undefined {
  return ["done", "failed"].find((name) => existsSync(`${directory}/${name}`));
}
