// Starts the program of this platform, which lies in a package of its own. Package managers start what is
// in `bin` by way of its first line, and on Windows only Node's is sure to be there: so this is a script
// for Node. It loads as little as it can; docs/installing.md says what it costs.
"use strict";

/** Runs `vt` in place of this process, with `prefix` before what was typed. */
function launch(prefix) {
  const program = findProgram();
  if (program === undefined) return;
  const args = [...prefix, ...process.argv.slice(2)];
  if (typeof process.execve === "function" && process.versions.bun === undefined) {
    // Nothing of Node stays: signals, exit code and terminal are vt's own affair.
    process.execve(program, [program, ...args], process.env);
  }
  startBeside(program, args);
}

function findProgram() {
  const { platform, arch } = process;
  const name = `vt-run-${platform === "win32" ? "windows" : platform}-${arch}`;
  const names = platform === "linux" ? [name, `${name}-musl`] : [name];
  const file = platform === "win32" ? "vt.exe" : "vt";
  const found = names.flatMap((candidate) => {
    try {
      return [require.resolve(`${candidate}/${file}`)];
    } catch {
      return [];
    }
  });
  // Some package managers know nothing of libc and install both.
  if (found.length === 2) return found[isMusl() ? 1 : 0];
  if (found.length === 1) return found[0];
  const wanted = platform === "linux" && isMusl() ? `${name}-musl` : name;
  const known = require("./package.json").optionalDependencies;
  fail(
    wanted in known
      ? [
          `the package ${wanted}, which holds the program for this platform, is not installed`,
          "it is an optional dependency of vt-run: install without --omit=optional and --no-optional; " +
            "if the lockfile or node_modules came from another platform, remove node_modules and install again",
        ]
      : [
          `there is no vt for ${platform} ${arch}`,
          `there is one for ${Object.keys(known)
            .map((key) => key.slice("vt-run-".length))
            .join(", ")}`,
        ],
  );
  return undefined;
}

function isMusl() {
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime === undefined;
}

/** For a Node without `execve`: waits, hands signals on, and ends as vt ends. */
function startBeside(program, args) {
  const { spawn } = require("node:child_process");
  const child = spawn(program, args, { stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const forward = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  child.on("error", ({ code }) => fail([`${program} cannot be started (${code})`]));
  child.on("exit", (code, signal) => {
    for (const each of signals) process.off(each, forward);
    if (signal === null) process.exitCode = code;
    else process.kill(process.pid, signal);
  });
}

function fail([message, hint]) {
  process.stderr.write(`error: ${message}\n${hint === undefined ? "" : `hint: ${hint}\n`}`);
  process.exitCode = 1;
}

module.exports = { launch };
