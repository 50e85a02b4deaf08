/** One platform that vt is built for. */
export type Target = {
  /** Names the target's files: `build/<name>/`. */
  readonly name: string;
  readonly platform: NodeJS.Platform;
  readonly architecture: NodeJS.Architecture;
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
    bun: "bun-linux-x64",
    compiler: "gcc",
  },
];

/** The target that runs on this machine. Throws where there is none. */
export function hostTarget(): Target {
  const { platform, arch } = process;
  const found = targets.find((row) => row.platform === platform && row.architecture === arch);
  if (found !== undefined) return found;
  const names = targets.map(({ name }) => name).join(", ");
  throw new Error(`vt cannot be built for ${platform}-${arch} yet, only for ${names}`);
}
