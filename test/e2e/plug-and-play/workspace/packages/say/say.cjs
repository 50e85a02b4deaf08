// What Yarn finds without any node_modules.
const { readFileSync } = require("node:fs");
const [file] = process.argv.slice(2);
process.stdout.write(readFileSync(file, "utf8"));
