import { dlopen } from "bun:ffi";
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
const library = join(root, "build/native/vt-native.so");
const names = [
  ...readFileSync(join(root, "native/interceptions.def"), "utf8").matchAll(
    /^VT_(?:(?:CALL|LIBRARY|POINTER)\([^,]+, (\w+)|OTHER\((\w+)\))/gm,
  ),
].map(([, row, other]) => row ?? other ?? "");

function isInLibc(name: string): boolean {
  try {
    dlopen("libc.so.6", { [name]: { args: [], returns: "void" } }).close();
    return true;
  } catch {
    return false;
  }
}

function dynamicSymbols(): string[][] {
  const { stdout } = Bun.spawnSync(["nm", "-D", library]);
  return stdout
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
}

test("every function that is intercepted exists in this libc", () => {
  expect(names.length).toBeGreaterThan(120);
  expect(names.filter((name) => !isInLibc(name))).toEqual([]);
});

test("a function with a 64-bit twin is intercepted with it", () => {
  const twins = names.filter((name) => !name.includes("64")).map((name) => twinOf(name));
  expect(twins.filter((twin) => isInLibc(twin) && !names.includes(twin))).toEqual([]);
});

test("the library exports what it intercepts and what vt calls, and nothing else", () => {
  const exported = dynamicSymbols()
    .filter(([, kind]) => kind === "T")
    .map(([, , name = ""]) => name);
  expect(names.filter((name) => !exported.includes(name))).toEqual([]);
  expect(exported.filter((name) => !names.includes(name) && !name.startsWith("vt_"))).toEqual([]);
});

test("the library needs no other library, and takes eight names where it finds them", () => {
  const { stdout } = Bun.spawnSync(["readelf", "-dW", library]);
  expect(stdout.toString()).not.toMatch(/NEEDED|VERNEED|TEXTREL/);
  const wanted = dynamicSymbols().filter(([kind = ""]) => /^[UwW]$/.test(kind));
  expect(new Set(wanted.map(([kind, name]) => `${kind} ${name}`))).toEqual(
    new Set([
      "w __errno_location",
      "w dl_iterate_phdr",
      "w environ",
      "w fdopen",
      "w getauxval",
      "w pthread_create",
      "w pthread_detach",
      "w pthread_join",
    ]),
  );
});

test.each(["vt-native.so", "vt-client.so"])("%s asks for no libc newer than glibc 2.17", (name) => {
  const file = join(root, "build/native", name);
  const { stdout } = Bun.spawnSync(["readelf", "-VW", file]);
  const versions = stdout.toString().match(/(?<=GLIBC_)[\d.]+/g) ?? [];
  expect(versions.filter((version) => Bun.semver.order(`${version}.0`, "2.17.0") > 0)).toEqual([]);
});

test("every function that is intercepted is named in docs/tracing.md", () => {
  const page = readFileSync(join(root, "docs/tracing.md"), "utf8");
  const documented = new Set(page.match(/\w+/g));
  expect(names.filter((name) => !documented.has(name))).toEqual([]);
});

function twinOf(name: string): string {
  return /_(2|chk)$/.test(name) ? name.replace(/_(2|chk)$/, "64_$1") : `${name}64`;
}
