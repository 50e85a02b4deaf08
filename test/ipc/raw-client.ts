import type { AbsolutePath } from "../../src/base/path.ts";
import { encodeFrame, type Reply, splitFrame, type WireRequest } from "../../src/ipc/protocol.ts";

/** A client that says exactly what it is given, be it right or wrong. To be held with `using`. */
export type RawClient = Disposable & {
  /** Sends what the socket takes at once, and returns how much that was. */
  readonly send: (bytes: Uint8Array) => number;
  readonly ask: (request: WireRequest) => Promise<Reply>;
  /** The next reply; throws when the other side has hung up. */
  readonly reply: () => Promise<Reply>;
  /** Settles when the other side has hung up. */
  readonly closed: Promise<void>;
};

export const hello = encodeFrame({ call: "hello", version: 1 });

export async function connect(endpoint: AbsolutePath): Promise<RawClient> {
  const replies: Reply[] = [];
  const closed = Promise.withResolvers<void>();
  let arrived = Promise.withResolvers<void>();
  let received: Buffer = Buffer.alloc(0);
  const socket = await Bun.connect({
    unix: endpoint,
    socket: {
      data: (_, bytes) => {
        received = Buffer.concat([received, bytes]);
        for (;;) {
          const frame = splitFrame(received, 1 << 24);
          if (frame === undefined) break;
          received = frame.rest;
          replies.push(JSON.parse(frame.body.toString()) as Reply);
        }
        arrived.resolve();
      },
      close: () => {
        closed.resolve();
        arrived.resolve();
      },
      error: () => closed.resolve(),
    },
  });
  let isClosed = false;
  void closed.promise.then(() => {
    isClosed = true;
  });
  const reply = async (): Promise<Reply> => {
    for (;;) {
      const next = replies.shift();
      if (next !== undefined) return next;
      if (isClosed) throw new Error("hung up");
      arrived = Promise.withResolvers();
      await arrived.promise;
    }
  };
  const send = (bytes: Uint8Array): number => socket.write(bytes);
  return {
    send,
    reply,
    ask: async (request) => {
      send(encodeFrame(request));
      return await reply();
    },
    closed: closed.promise,
    [Symbol.dispose]: () => socket.terminate(),
  };
}
