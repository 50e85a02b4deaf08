import { type AbsolutePath, diskPath } from "../base/path.ts";
import { removeIfPresent } from "../base/file.ts";
import { DeclarationLog, type Declarations } from "./declarations.ts";
import {
  BrokenConversation,
  encodeFrame,
  frameBytesMax,
  InvalidRequest,
  parseRequest,
  type Reply,
  type Request,
  splitFrame,
} from "./protocol.ts";
import { NotText, type ToolEnvironment } from "./tool-environment.ts";

/** Connections that one step may have open at a time. */
const connectionsMax = 4096;

/** Replies that wait for one client to read them; until it has, its requests wait, too. */
const unreadBytesMax = 1024 * 1024;

/** How often the end of a step tries to get through to its own endpoint, a millisecond apart. */
const drainAttemptsMax = 1000;

type Connection = {
  hasGreeted: boolean;
  /** What has arrived and was not yet understood: less than a frame, unless replies are unread. */
  received: Buffer;
  /** What the client has not yet taken. */
  unread: Buffer;
};

type ToolSocket = Bun.Socket<Connection>;

/** The endpoint of one step. Any number of its processes and threads may talk to it at once. */
export class ToolServer implements Disposable {
  readonly #endpoint: AbsolutePath;
  readonly #log: DeclarationLog;
  readonly #open = new Set<ToolSocket>();
  readonly #listener: Bun.UnixSocketListener<Connection>;
  #onDrained: ((by: ToolSocket) => void) | undefined;

  /** Binds `endpoint`. Throws what the operating system reports when that cannot be done. */
  constructor(endpoint: AbsolutePath, environment: ToolEnvironment) {
    this.#endpoint = endpoint;
    this.#log = new DeclarationLog(environment);
    this.#listener = Bun.listen<Connection>({
      unix: endpoint,
      socket: {
        open: (socket) => this.#accept(socket),
        data: (socket, bytes) => this.#receive(socket, bytes),
        drain: (socket) => this.#resume(socket),
        close: (socket) => this.#forget(socket),
        error: (socket) => void socket.terminate(),
      },
    });
  }

  /**
   * What was declared by now, whatever is still connected: to be called when the step's processes
   * have ended. What they had sent by then is in it; what comes later is not.
   */
  async finish(): Promise<Declarations> {
    await this.#drain();
    return this.#log.finish();
  }

  [Symbol.dispose](): void {
    this.#listener.stop(true);
    for (const socket of this.#open) socket.terminate();
    removeIfPresent(this.#endpoint);
  }

  #accept(socket: ToolSocket): void {
    socket.data = { hasGreeted: false, received: Buffer.alloc(0), unread: Buffer.alloc(0) };
    this.#open.add(socket);
    if (this.#open.size > connectionsMax)
      this.#hangUp(socket, `more than ${connectionsMax} connections at a time`);
  }
