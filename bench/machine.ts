import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";

/** What the figures depend on, in words. */
export function describeMachine(directory: string): readonly string[] {
  const processors = cpus();
  return [
    `${processors[0]?.model ?? "unknown processor"}, ${processors.length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    `${process.platform} ${release()} ${process.arch}, workspaces on ${fileSystemOf(directory)}, page cache warm`,
  ];
}

/** Of the last minute: what else the machine was doing. */
export function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

function fileSystemOf(directory: string): string {
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  const around = mounts
    .map((line) => line.split(" "))
    .filter(
      ([, place = ""]) =>
        directory === place || directory.startsWith(place === "/" ? "/" : `${place}/`),
    )
    .sort(([, a = ""], [, b = ""]) => a.length - b.length);
  return around.at(-1)?.[2] ?? "an unknown file system";
}
