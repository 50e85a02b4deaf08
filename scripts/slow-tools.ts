// `npm run slow-tools`: the table of test/e2e/tools for tools that take too long for `npm test`.

import { slowFrameworks } from "../test/e2e/tools/frameworks.ts";
import { installTools } from "../test/e2e/tools/installation.ts";
import { slowNative } from "../test/e2e/tools/native.ts";
import { columns, play, type Row } from "../test/e2e/tools/play.ts";
import { showTable } from "../test/e2e/tools/table.ts";

const rows: [name: string, row: Row][] = [];
await using installation = await installTools("install-slow");
for (const tool of [...slowFrameworks, ...slowNative]) {
  if (tool.needs !== undefined && Bun.which(tool.needs) === null) {
    console.log(`${tool.name} is left out: ${tool.needs} is not there`);
    continue;
  }
  await using workspace = await installation.workspace(tool);
  rows.push([tool.name, await play(tool, workspace)]);
}
console.log(showTable(rows));
for (const [name, row] of rows)
  for (const column of columns) {
    for (const fault of row[column]) console.log(`${name}, ${column}: ${fault}`);
    if (row[column].length > 0) process.exitCode = 1;
  }
