/** What an entry of a dependency field can refer to inside a workspace. */
export type DependencyTarget =
  | { readonly kind: "name"; readonly name: string; readonly canBe: (version: string) => boolean }
  /** Relative to the package that has the entry. */
  | { readonly kind: "path"; readonly path: string };

/**
 * Reads `"name": "range"`. Undefined for what always comes from elsewhere: a registry alias, a tag,
 * an address, a catalog, and with `protocol` linking also a plain range.
 */
export function readDependency(
  name: string,
  range: string,
  linking: "range" | "protocol",
): DependencyTarget | undefined {
  const [, protocol = "", rest = ""] = /^([a-z]+):(.*)$/s.exec(range) ?? [];
  if (protocol === "workspace") return readWorkspaceProtocol(name, rest);
  if (["file", "link", "portal"].includes(protocol)) return { kind: "path", path: rest };
  const text = range.trim();
  if (linking === "protocol" || !isVersionRange(text)) return undefined;
  const isAny = text === "" || text === "*";
  const canBe = (version: string): boolean => isAny || Bun.semver.satisfies(version, text);
  return { kind: "name", name, canBe };
}

/** `workspace:*`, `workspace:^1.0.0`, `workspace:alias@*`, `workspace:../path`: the version never decides. */
function readWorkspaceProtocol(name: string, rest: string): DependencyTarget {
  if (/^\.{0,2}\//.test(rest)) return { kind: "path", path: rest };
  const at = rest.lastIndexOf("@");
  return { kind: "name", name: at > 0 ? rest.slice(0, at) : name, canBe: () => true };
}

const number = String.raw`(?:\d+|[xX*])`;
const single = String.raw`v?${number}(?:\.${number}){0,2}(?:-[\w.-]+)?(?:\+[\w.-]+)?`;
const compared = String.raw`(?:(?:[<>]=?|[=^]|~>?)\s*)?${single}`;
const joined = String.raw`(?:${single}\s+-\s+${single}|${compared}(?:\s+${compared})*)?`;
const rangePattern = new RegExp(String.raw`^${joined}(?:\s*\|\|\s*${joined})*$`);

/** Bun's own check takes any text for a range that admits everything. */
function isVersionRange(text: string): boolean {
  return text.length <= 256 && rangePattern.test(text);
}
