import { createHash } from "node:crypto";
import { type NpmPackage, tarballOf } from "../../scripts/release-npm.ts";

export type NpmRegistry = AsyncDisposable & { readonly url: string };

/**
 * A registry on this machine that has `packages`, and knows of those in `absent` without having them. To be
 * held with `await using`.
 */
export async function openRegistry(
  packages: readonly NpmPackage[],
  absent: readonly NpmPackage["manifest"][],
): Promise<NpmRegistry> {
  const tarballs = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const made of packages)
    tarballs.set(made.manifest.name, new Uint8Array(await tarballOf(made)));
  const manifests = [...packages.map(({ manifest }) => manifest), ...absent];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request): Response => {
      const url = new URL(request.url);
      const [name = "", kind] = url.pathname.slice(1).split("/");
      const manifest = manifests.find((known) => known.name === name);
      const tarball = tarballs.get(name);
      if (manifest === undefined) return new Response("{}", { status: 404 });
      if (kind === undefined) return Response.json(describe(manifest, url, tarball));
      return tarball === undefined ? new Response("", { status: 404 }) : new Response(tarball);
    },
  });
  return {
    url: server.url.href,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

/** What a registry says of a package, as npm's own does. */
function describe(
  manifest: NpmPackage["manifest"],
  url: URL,
  tarball: Uint8Array = new Uint8Array(),
): object {
  const { name, version } = manifest;
  const digest = (algorithm: string, encoding: "base64" | "hex"): string =>
    createHash(algorithm).update(tarball).digest(encoding);
  const dist = {
    tarball: new URL(`${name}/-/${name}-${version}.tgz`, url).href,
    integrity: `sha512-${digest("sha512", "base64")}`,
    shasum: digest("sha1", "hex"),
  };
  const published = "2026-01-01T00:00:00.000Z";
  return {
    name,
    "dist-tags": { latest: version },
    versions: { [version]: { ...manifest, dist } },
    time: { created: published, modified: published, [version]: published },
  };
}
