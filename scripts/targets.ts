/** One platform that vt is built for. */
export type Target = {
  /** Names the target's files: `build/<name>/`. */
  readonly name: string;
  readonly platform: NodeJS.Platform;
  readonly architecture: NodeJS.Architecture;
  /** What programs of the platform are linked against: part of the cache key. */
  readonly libc: "glibc";
  /** What `Bun.build` calls it. */
  readonly bun: Bun.Build.CompileTarget;
  /** The C compiler that makes its native library. */
  readonly compiler: string;
};

/** Every platform vt is built for. A new one starts as a row here. */
const targets: readonly Target[] = [
  {
    name: "linux-x64",
    platform: "linux",
    architecture: "x64",
    libc: "glibc",
    bun: "bun-linux-x64",
    compiler: "gcc",
  },
  {
    name: "linux-arm64",
    platform: "linux",
    architecture: "arm64",
    libc: "glibc",
    bun: "bun-linux-arm64",
    compiler: "aarch64-linux-gnu-gcc",
  },
];

/** The target that runs on this machine. Throws where there is none. */
export function hostTarget(): Target {
  return targetFor(process.platform, process.arch);
}

/** Throws where there is none. */
export function targetFor(platform: NodeJS.Platform, architecture: NodeJS.Architecture): Target {
  const found = targets.find(
    (row) => row.platform === platform && row.architecture === architecture,
  );
  if (found !== undefined) return found;
  const names = targets.map(({ name }) => name).join(", ");
  throw new Error(`vt cannot be built for ${platform}-${architecture} yet, only for ${names}`);
}
