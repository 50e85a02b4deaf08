import type { AbsolutePath } from "../base/path.ts";
import { isReadable } from "../native/pipe.ts";
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
import type { ToolEnvironment } from "./tool-environment.ts";

/** Connections that one step may have open at a time. */
const connectionsMax = 4096;

/** Replies that are made before the client has read any: then its further requests wait. */
const unreadBytesMax = 1024 * 1024;

/**
 * Turns that vt takes at its own endpoint at the end of a step: in the first, callers that wait are
 * let in; in the second, what they have sent is read. One more in case the system does not keep to
 * the order in which things became ready.
 */
const drainTurns = 3;

/** How long the end of a step waits for these turns. */
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
  /** What vt sends to itself: what was sent before arrives before. */
  readonly #mark = Buffer.from(`vt ${Bun.randomUUIDv7()}`);
  #onMark: () => void = () => undefined;
  /** Made with the first connection of a tool: later the task may delete the endpoint, and most ask for nothing. */
  #own: Promise<Bun.Socket | undefined> | undefined;

  /**
   * Binds `endpoint`. Throws what the operating system reports when that cannot be done. `onProblem` is
   * called once at most, as soon as it is known that the result must not be stored.
   */
  constructor(
    endpoint: AbsolutePath,
    environment: ToolEnvironment,
    onProblem?: (problem: string) => void,
  ) {
    this.#endpoint = endpoint;
    this.#log = new DeclarationLog(environment, onProblem);
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
    if (this.#own === undefined && !this.#isSomebodyAtTheDoor()) return this.#log.finish();
    const isDrained = await this.#drain();
    if (!isDrained) this.#log.fail("the messages of the task could not be read to their end");
    for (const socket of this.#open) this.#checkUnread(socket);
    return this.#log.finish();
  }

  /** Whoever is still connected finds that nobody listens any more. */
  [Symbol.dispose](): void {
    this.#listener.stop(true);
    void this.#own?.then((own) => own?.terminate());
    for (const socket of this.#open) socket.terminate();
  }

  #accept(socket: ToolSocket): void {
    this.#own ??= this.#connect();
    socket.data = { state: "new", received: Buffer.alloc(0), unread: Buffer.alloc(0) };
    this.#open.add(socket);
    if (this.#open.size > connectionsMax)
      this.#hangUp(socket, `more than ${connectionsMax} connections at a time`);
  }

  #receive(socket: ToolSocket, bytes: Buffer): void {
    const { data } = socket;
    if (data.state === "ending") return;
    if (data.state === "new" && bytes.equals(this.#mark)) {
      this.#onMark();
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
    let problem: string | undefined;
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
      problem = error.message;
    }
    this.#send(socket, Buffer.concat(replies));
    if (problem !== undefined) this.#hangUp(socket, problem);
    else if (replies.length > 1 && data.unread.length === 0) this.#proceed(socket);
  }

  #send(socket: ToolSocket, bytes: Buffer): void {
    const { data } = socket;
    const count = bytes.length === 0 ? 0 : socket.write(bytes);
    // A client that has gone needs no replies, but may have left requests.
    data.unread = count < 0 ? Buffer.alloc(0) : bytes.subarray(count);
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
      if (!(error instanceof InvalidRequest)) throw error;
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

  /** Gets in line behind all that was sent before. Whether its turn came. */
  async #drain(): Promise<boolean> {
    const overdue = Promise.withResolvers<"overdue">();
    const timer = setTimeout(() => overdue.resolve("overdue"), drainMsMax);
    const takeTurns = async (): Promise<"taken" | "refused"> => {
      this.#own ??= this.#connect();
      const own = await this.#own;
      if (own === undefined) return "refused";
      for (let turn = 0; turn < drainTurns; turn++) {
        const marked = Promise.withResolvers<void>();
        this.#onMark = marked.resolve;
        own.write(this.#mark);
        await marked.promise;
      }
      return "taken";
    };
    const first = await Promise.race([takeTurns(), overdue.promise]);
    clearTimeout(timer);
    return first === "taken";
  }

  /** Whoever has been let in is known. */
  #isSomebodyAtTheDoor(): boolean {
    // It is there, though not in Bun's types.
    const { fd } = this.#listener as { readonly fd?: number };
    return fd === undefined || isReadable(fd);
  }

  /** Undefined when that cannot be done: the task has deleted the endpoint. */
  async #connect(): Promise<Bun.Socket | undefined> {
    try {
      return await Bun.connect({
        unix: this.#endpoint,
        socket: { data: () => undefined, error: () => undefined },
      });
    } catch {
      return undefined;
    }
  }
}
