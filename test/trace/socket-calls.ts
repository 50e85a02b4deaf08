import type { CallRow } from "./calls.ts";

/** Connections to servers that have a path, and the making of such servers. */
export const socketCalls: readonly CallRow[] = [
  {
    name: "a connection to a server in the tree that is not there",
    call: `on_socket(connect, "none")`,
    answer: "-1 2",
    seen: ["probe missing none"],
  },
  {
    name: "a connection to what is no server",
    call: `on_socket(connect, "link")`,
    answer: "-1 111",
    seen: ["probe refused link"],
    foreseen: ["probe ok link"],
  },
  {
    name: "a connection to a server in the tree",
    call: `on_socket(bind, "made") + listen(3, 1) + syscall(SYS_connect, socket(AF_UNIX, SOCK_STREAM, 0), address("made"), 110)`,
    answer: "0",
    seen: ["write ok made", "probe ok made"],
    foreseen: ["write unknown made", "probe ok made"],
  },
  {
    name: "a connection to a server that has no room for more",
    call: `on_socket(bind, "made") + listen(3, 0) + on_socket(connect, "made") + on_socket(connect, "made")`,
    answer: "-1 11",
    seen: ["write ok made", "probe ok made"],
    foreseen: ["write unknown made", "probe ok made"],
  },
  {
    name: "a server in the tree where something is already",
    call: `on_socket(bind, "dangling")`,
    answer: "-1 98",
    seen: ["write refused dangling"],
  },
  {
    name: "a server that has no path",
    call: `bind(socket(AF_UNIX, SOCK_STREAM, 0), address(""), 8)`,
    answer: "0",
    seen: [],
  },
  {
    name: "a server with a bad address",
    call: `bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)8, 110)`,
    answer: "-1 14",
    seen: [],
  },
];
