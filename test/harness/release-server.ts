import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { version } from "../../package.json";
import { tarGzip } from "../../scripts/archive-files.ts";

export type ReleaseServer = AsyncDisposable & {
  /** What `RELEASES` of install.sh wants. */
  readonly url: string;
  /** SHA-256 of the archive of a target. */
  readonly checksum: (target: string) => string;
  /** From now on every archive is another one than SHA256SUMS says. */
  readonly tamper: () => void;
};

/** The releases of vt on this machine, laid out as GitHub does, of these executables by target. */
export async function openReleases(
  executables: Readonly<Record<string, string>>,
): Promise<ReleaseServer> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const checksums = new Map<string, string>();
  let isTampered = false;
  for (const [target, path] of Object.entries(executables)) {
    const license = await readFile(join(import.meta.dir, "../../LICENSE"));
    const archive = await tarGzip([
      { name: "LICENSE", bytes: new Uint8Array(license), mode: 0o644 },
      { name: "vt", bytes: new Uint8Array(await readFile(path)), mode: 0o755 },
    ]);
    files.set(nameOf(target), new Uint8Array(archive));
    checksums.set(target, createHash("sha256").update(archive).digest("hex"));
  }
  const sums = [...checksums].map(([target, sum]) => `${sum}  ${nameOf(target)}\n`).join("");
  files.set("SHA256SUMS", new TextEncoder().encode(sums));
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: ({ url }): Response => {
      const path = new URL(url).pathname;
      const place = /^\/releases\/(?:download\/v([^/]+)|latest\/download)\/([^/]+)$/.exec(path);
      const [, wanted = version, name = ""] = place ?? [];
      const bytes = files.get(name);
      if (bytes === undefined || wanted !== version) return new Response("", { status: 404 });
      return new Response(isTampered && name !== "SHA256SUMS" ? bytes.slice(1) : bytes);
    },
  });
  return {
    url: new URL("releases", server.url).href,
    checksum: (target) => checksums.get(target) ?? "",
    tamper: () => {
      isTampered = true;
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

function nameOf(target: string): string {
  return `vt-${version}-${target}.tar.gz`;
}
