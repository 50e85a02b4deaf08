import type { AbsolutePath } from "../base/path.ts";
import { DeclarationLog, type Declarations } from "./declarations.ts";
import {
  BrokenConversation,
  encodeFrame,
  frameBytesMax,
  InvalidRequest,
  parseRequest,
  type Reply,
  splitFrame,
} from "./protocol.ts";
import { NotText, type ToolEnvironment } from "./tool-environment.ts";

/** Connections that one step may have open at a time. */
const connectionsMax = 4096;

/** Replies that are made before the client has read any: then its further requests wait. */
const unreadBytesMax = 1024 * 1024;

/** How long the end of a step waits for its own turn at the endpoint. */
const drainMsMax = 2000;

type Connection = {
  state: "new" | "greeted" | "ending";
  /** What has arrived and was not answered yet: less than a frame, unless replies are unread. */
  received: Buffer;
  /** Replies that did not fit into the socket. */
  unread: Buffer;
};

type ToolSocket = Bun.Socket<Connection>;

/** The endpoint of one step. Any number of its processes and threads may talk to it at once. */
export class ToolServer implements Disposable {
  readonly #endpoint: AbsolutePath;
  readonly #log: DeclarationLog;
  readonly #listener: Bun.UnixSocketListener<Connection>;
  readonly #open = new Set<ToolSocket>();
  /** Sent by vt to itself: what arrived before it was sent before it. */
  readonly #mark = Buffer.from(`vt ${Bun.randomUUIDv7()}`);
  readonly #marked = Promise.withResolvers<void>();

  /** Binds `endpoint`. Throws what the operating system reports when that cannot be done. */
  constructor(endpoint: AbsolutePath, environment: ToolEnvironment) {
    this.#endpoint = endpoint;
    this.#log = new DeclarationLog(environment);
    this.#listener = Bun.listen<Connection>({
      unix: endpoint,
      socket: {
        open: (socket) => this.#accept(socket),
        data: (socket, bytes) => this.#receive(socket, bytes),
        drain: (socket) => this.#proceed(socket),
        close: (socket) => this.#forget(socket),
        error: (socket) => socket.terminate(),
      },
    });
  }

  /**
   * What was declared by now, whoever is still connected. To be called when the step's processes
   * have ended: what they had sent by then is in it.
   */
  async finish(): Promise<Declarations> {
    const isDrained = await this.#drain();
    if (!isDrained) this.#log.fail("the messages of the task could not be read to their end");
    for (const socket of this.#open) this.#checkUnread(socket);
    return this.#log.finish();
  }

  /** Whoever is still connected finds that nobody listens any more. */
  [Symbol.dispose](): void {
    this.#listener.stop(true);
    for (const socket of this.#open) socket.terminate();
  }

  #accept(socket: ToolSocket): void {
    socket.data = { state: "new", received: Buffer.alloc(0), unread: Buffer.alloc(0) };
    this.#open.add(socket);
    if (this.#open.size > connectionsMax)
      this.#hangUp(socket, `more than ${connectionsMax} connections at a time`);
  }

  #receive(socket: ToolSocket, bytes: Buffer): void {
    const { data } = socket;
    if (data.state === "ending") return;
    if (data.state === "new" && bytes.equals(this.#mark)) {
      data.state = "ending";
      this.#marked.resolve();
      return;
    }
    data.received = data.received.length === 0 ? bytes : Buffer.concat([data.received, bytes]);
    this.#proceed(socket);
  }

  /** Answers what can be answered, and sends what the socket takes. */
  #proceed(socket: ToolSocket): void {
    const { data } = socket;
    if (data.state === "ending") return;
    const replies = [data.unread];
    try {
      let size = data.unread.length;
      while (size < unreadBytesMax) {
        const frame = splitFrame(data.received, frameBytesMax);
        if (frame === undefined) break;
        data.received = frame.rest;
        const reply = encodeFrame(this.#answer(data, frame.body));
        replies.push(reply);
        size += reply.length;
      }
    } catch (error) {
      if (!(error instanceof BrokenConversation)) throw error;
      this.#send(socket, Buffer.concat(replies));
      this.#hangUp(socket, error.message);
      return;
    }
    this.#send(socket, Buffer.concat(replies));
  }

  #send(socket: ToolSocket, bytes: Buffer): void {
    const { data } = socket;
    const count = bytes.length === 0 ? 0 : socket.write(bytes);
    data.unread = bytes.subarray(Math.max(0, count));
    if (data.unread.length > 0) socket.pause();
    else socket.resume();
  }

  /** What is wrong with a single request is the caller's to know, and a reason not to store the result. */
  #answer(data: Connection, body: Buffer): Reply {
    try {
      const request = parseRequest(body);
      if (data.state === "new" && request.call !== "hello")
        throw new BrokenConversation("a message before the greeting");
      data.state = "greeted";
      return this.#log.answer(request);
    } catch (error) {
      if (!(error instanceof InvalidRequest || error instanceof NotText)) throw error;
      this.#log.fail(error.message);
      return { error: error.message };
    }
  }

  #hangUp(socket: ToolSocket, problem: string): void {
    this.#log.fail(problem);
    socket.data.state = "ending";
    this.#open.delete(socket);
    socket.end(encodeFrame({ error: problem }));
  }

  #forget(socket: ToolSocket): void {
    this.#open.delete(socket);
    this.#checkUnread(socket);
  }

  /** Behind unread replies there may be requests that nobody has seen. */
  #checkUnread({ data }: ToolSocket): void {
    if (data.unread.length > 0)
      this.#log.fail("a client does not read the replies to its requests");
  }

  /**
   * Gets in line behind all that was sent before: connections are accepted, and what lies ready in
   * them is read, in the order in which it came.
   */
  async #drain(): Promise<boolean> {
    const overdue = Promise.withResolvers<void>();
    const timer = setTimeout(overdue.resolve, drainMsMax);
    const isOverdue = overdue.promise.then(() => true);
    try {
      for (;;) {
        const own = await connectTo(this.#endpoint, this.#mark);
        if (own === undefined) {
          // Full of callers, or removed by the task: then only those connected already matter.
          if (await Promise.race([isOverdue, Bun.sleep(1).then(() => false)])) return false;
          continue;
        }
        const isLate = await Promise.race([isOverdue, this.#marked.promise.then(() => false)]);
        own.terminate();
        return !isLate;
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

async function connectTo(
  endpoint: AbsolutePath,
  greeting: Buffer,
): Promise<Bun.Socket | undefined> {
  try {
    return await Bun.connect({
      unix: endpoint,
      socket: {
        open: (socket) => void socket.write(greeting),
        data: () => undefined,
        error: () => undefined,
      },
    });
  } catch {
    return undefined; // Why does not matter: it is tried again.
  }
}
