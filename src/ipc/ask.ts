import type { AbsolutePath } from "../base/path.ts";
import {
  encodeFrame,
  protocolVersion,
  type Reply,
  splitFrame,
  type WireRequest,
} from "./protocol.ts";

/** Replies are as long as all variables together may get. */
const replyBytesMax = 64 * 1024 * 1024;

/**
 * Sends requests to a runner and returns its replies: to the greeting, and to each request. Where the
 * runner says what is wrong and hangs up, that is the last. Undefined when nobody listens at `endpoint`,
 * or nobody does any more, or not somebody who speaks like a runner.
 */
export async function askRunner(
  endpoint: AbsolutePath,
  requests: readonly WireRequest[],
): Promise<readonly Reply[] | undefined> {
  const { promise, resolve } = Promise.withResolvers<readonly Reply[] | undefined>();
  const greeting = { call: "hello", version: protocolVersion } as const;
  let unsent = Buffer.concat([greeting, ...requests].map(encodeFrame));
  let received: Buffer = Buffer.alloc(0);
  const replies: Reply[] = [];
  const send = (socket: Bun.Socket): void => {
    unsent = unsent.subarray(Math.max(0, socket.write(unsent)));
  };
  try {
    await Bun.connect({
      unix: endpoint,
      socket: {
        open: send,
        drain: send,
        data: (socket, bytes) => {
          received = Buffer.concat([received, bytes]);
          for (;;) {
            const frame = splitFrame(received, replyBytesMax);
            if (frame === undefined) break;
            received = frame.rest;
            replies.push(JSON.parse(frame.body.toString()) as Reply);
          }
          if (replies.length <= requests.length) return;
          resolve(replies);
          socket.end();
        },
        close: () => resolve(replies.at(-1)?.error === undefined ? undefined : replies),
        error: () => resolve(undefined),
      },
    });
  } catch {
    return undefined; // Outside of a runner, or after it: there is nobody to tell.
  }
  return await promise;
}
