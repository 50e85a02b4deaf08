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
 * Sends requests to a runner and returns its replies, one each; undefined when nobody listens at
 * `endpoint`, or nobody does any more.
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
          resolve(replies.slice(1));
          socket.end();
        },
        close: () => resolve(undefined),
        error: () => resolve(undefined),
      },
    });
  } catch {
    return undefined; // Outside of a runner, or after it: there is nobody to tell.
  }
  return await promise;
}
