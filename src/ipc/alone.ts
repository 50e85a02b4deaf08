import type { Environment } from "../base/host.ts";
import { DeclarationLog } from "./declarations.ts";
import { InvalidRequest, parseRequest, type Reply, type WireRequest } from "./protocol.ts";
import { createToolEnvironment } from "./tool-environment.ts";

/**
 * What a runner would answer whose environment is `environment`: for a tool that runs without one, so
 * that a script works there as it does in a task. What it declares is of use to nobody.
 */
export function answerAlone(
  requests: readonly WireRequest[],
  environment: Environment,
): readonly Reply[] {
  const set = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const log = new DeclarationLog(
    createToolEnvironment(
      { unfilteredEnvironment: Object.fromEntries(set) },
      { listedUntrackedEnv: [], trackedEnv: [] },
    ),
  );
  return requests.map((request) => {
    try {
      return log.answer(parseRequest(Buffer.from(JSON.stringify(request))));
    } catch (error) {
      if (!(error instanceof InvalidRequest)) throw error;
      return { error: error.message };
    }
  });
}
