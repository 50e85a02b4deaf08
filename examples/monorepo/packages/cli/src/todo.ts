import { parseTask } from "@example/core";
import { progress } from "@example/utils";

const lines = process.argv.slice(2);
console.log(progress(lines.map(parseTask)));
