/**
 * SHA-256 of some bytes, 64 hexadecimal digits: for whatever may one day leave this machine (cache
 * keys, outputs, archives).
 */
export type Digest = string & { readonly __digest: never };

/** One-shot SHA-256. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return Bun.SHA256.hash(bytes, "hex") as Digest;
}

/** A digest that is fed piece by piece. */
export class DigestStream {
  readonly #hasher = new Bun.CryptoHasher("sha256");

  update(bytes: Uint8Array | string): this {
    this.#hasher.update(bytes);
    return this;
  }

  finish(): Digest {
    return this.#hasher.digest("hex") as Digest;
  }
}

/** Trusts that `text` came from `digestOf`, as what the database holds did. */
export function asDigest(text: string): Digest {
  return text as Digest;
}

/**
 * xxHash3-64 of some bytes: to tell whether a local file is as it was. Several pieces are chained
 * by passing the hash so far as `seed`.
 */
export function contentHash(bytes: Uint8Array, seed = 0n): bigint {
  return Bun.hash.xxHash3(bytes, seed);
}
