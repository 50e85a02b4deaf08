import { absolutePath, workspacePath } from "../../src/base/path.ts";
import type { Step } from "../../src/plan/step.ts";

/** A step of the package `name` in `packages/name`; the root's when the name is "". */
export function sampleStep(name: string, task: string, commandText: string): Step {
  const packagePath = workspacePath(name === "" ? "" : `packages/${name}`);
  return {
    key: { packagePath, task, index: 0, extraArgs: [] },
    task: { packagePath, packageName: name, task },
    commandText,
    cwdText: packagePath,
    cwd: absolutePath(`/workspace/${packagePath}`),
    action: { kind: "echo", text: "" },
    environment: {},
    unfilteredEnvironment: {},
    cache: { kind: "off", reason: { kind: "built-in" } },
  };
}
