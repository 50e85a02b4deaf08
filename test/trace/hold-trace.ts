// Run by tests as a program of its own, to be killed: traces a command that goes on without it.
// `bun hold-trace.ts <directory> <program> [argument…]`
import { absolutePath } from "../../src/base/path.ts";
import { Tracer } from "../../src/trace/tracer.ts";
import { library, startTraced } from "./run-traced.ts";

const [path = "", program = "", ...args] = process.argv.slice(2);
const directory = absolutePath(path);
using tracer = Tracer.open({ library: library(), mode: "full", directory, roots: [directory] });
using trace = tracer.begin();
await startTraced(trace, { directory, command: [program, ...args] }).exited;
