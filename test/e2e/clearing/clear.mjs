import { copyFileSync, mkdirSync, rmSync } from "node:fs";

rmSync("made", { recursive: true });
mkdirSync("made");
for (const name of ["one", "two"]) copyFileSync("source", `made/${name}`);
