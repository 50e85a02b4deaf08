// Real tools, each in a tiny workspace with nothing configured but `"cache": true`. Prints its table.
import { setDefaultTimeout } from "bun:test";
import { patience } from "../../harness/vt.ts";
import { bundlers } from "./bundlers.ts";
import { checkers } from "./checkers.ts";
import { compilers } from "./compilers.ts";
import { frameworks } from "./frameworks.ts";
import { scripts, units } from "./scripts.ts";
import { testTools } from "./tables.ts";

setDefaultTimeout(patience);

testTools([...bundlers, ...frameworks, ...compilers, ...checkers, ...scripts, ...units], "install");
