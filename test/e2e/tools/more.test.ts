// As tools.test.ts, for tools of an installation of their own and those of the machine: each tool has links to all
// files of its installation.
import { setDefaultTimeout } from "bun:test";
import { patience } from "../../harness/vt.ts";
import { more } from "./more.ts";
import { native } from "./native.ts";
import { testTools } from "./tables.ts";

setDefaultTimeout(patience);

testTools([...more, ...native], "install-more");
