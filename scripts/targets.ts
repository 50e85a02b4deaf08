import { readFileSync } from "node:fs";

/** One platform that vt is built for. */
export type Target = {
  /** Names the target's files: `dist/release/<name>/`. */
  readonly name: string;
  readonly platform: NodeJS.Platform;
  readonly architecture: "x64" | "arm64";
  /** What programs of the platform are linked against: part of the cache key. */
  readonly libc: "glibc" | "musl" | "system";
  /** What `Bun.build` calls it. */
  readonly bun: Bun.Build.CompileTarget;
  readonly runtime: Runtime;
};

/** The Bun that vt is appended to, as an npm package of the pinned version. */
export type Runtime = {
  readonly package: string;
  /** Of the package's tarball: sha512, as npm writes it. */
  readonly integrity: string;
};

/** Every platform vt is built for. A new one starts as a row here. */
export const targets: readonly Target[] = [
  {
    name: "linux-x64",
    platform: "linux",
    architecture: "x64",
    libc: "glibc",
    bun: "bun-linux-x64",
    runtime: {
      package: "@oven/bun-linux-x64",
      integrity:
        "sha512-IWX9BELoGHAUtMonkeSaNaZwXzRk+oDw6Mk+HBFXd3KHYIBNBsIGRupMZPcgNoDbJpLu6gAJjIoIVPZtt1aJ1g==",
    },
  },
  {
    name: "linux-arm64",
    platform: "linux",
    architecture: "arm64",
    libc: "glibc",
    bun: "bun-linux-arm64",
    runtime: {
      package: "@oven/bun-linux-aarch64",
      integrity:
        "sha512-4BXmsSKnjOrlGWqZV4x/oWa7AVoR+B6lCXddMzOAXBIm3t50eslg9wb66gmtW1AamEQ1l1CDvmmruysEhqOWMg==",
    },
  },
  {
    name: "linux-x64-musl",
    platform: "linux",
    architecture: "x64",
    libc: "musl",
    bun: "bun-linux-x64-musl",
    runtime: {
      package: "@oven/bun-linux-x64-musl",
      integrity:
        "sha512-10QoW/YfTgnURaGEaHpJCiXjLI2e5iTtfVDaA5JKcyUzaa1cq6cVUY9/Uq5XkYzvtRjHLRe9Oj/lTDIQcxy8HQ==",
    },
  },
  {
    name: "linux-arm64-musl",
    platform: "linux",
    architecture: "arm64",
    libc: "musl",
    bun: "bun-linux-arm64-musl",
    runtime: {
      package: "@oven/bun-linux-aarch64-musl",
      integrity:
        "sha512-XCNc+WvvMAdNNb+OWTogpy+N9wm62fkVeEVLb6how0RZhW5LPi6c7BlkeVCuWps7XjEl2saFpHFa20/1E+PAHg==",
    },
  },
  {
    name: "darwin-x64",
    platform: "darwin",
    architecture: "x64",
    libc: "system",
    bun: "bun-darwin-x64",
    runtime: {
      package: "@oven/bun-darwin-x64",
      integrity:
        "sha512-qkLPMGHZM9NI6CeHTWwVezzmlo6cC4Ta7yUAjYIWXS366qQcOlcp75t2uZyiuVRBMPS0h9qE0tCcvCHGaFqjJg==",
    },
  },
  {
    name: "darwin-arm64",
    platform: "darwin",
    architecture: "arm64",
    libc: "system",
    bun: "bun-darwin-arm64",
    runtime: {
      package: "@oven/bun-darwin-aarch64",
      integrity:
        "sha512-4MIFXHmctH2EhAxLXm2/qxNtv17dFtLJylvaOCsrgq6KSqHTs6eW5YSrJjRbJxYUJaR901fsN8JfZOa+CsWpWQ==",
    },
  },
  {
    name: "windows-x64",
    platform: "win32",
    architecture: "x64",
    libc: "system",
    bun: "bun-windows-x64",
    runtime: {
      package: "@oven/bun-windows-x64",
      integrity:
        "sha512-FNvply651vcE/GHgNWz6mZvhmkwBuu8Hw54oNzA+CQog+HW+542rXQmZqNHRkFxazD9L3xi+iTtvO3engAgJfw==",
    },
  },
  {
    name: "windows-arm64",
    platform: "win32",
    architecture: "arm64",
    libc: "system",
    bun: "bun-windows-arm64",
    runtime: {
      package: "@oven/bun-windows-aarch64",
      integrity:
        "sha512-MiPFZnBNDnBXgr1oONc5pizC4fOLjnIOfNkYdFEnWzLmoFTg86naZIG3SvS7d/GglpQSAnCKMAzSjI/TAckiRw==",
    },
  },
];

/** The target that runs on this machine. Throws where there is none. */
export function hostTarget(): Target {
  const { platform, arch } = process;
  const libc = platform !== "linux" ? "system" : isMusl() ? "musl" : "glibc";
  const isHost = (row: Target): boolean =>
    row.platform === platform && row.architecture === arch && row.libc === libc;
  return targets.find(isHost) ?? refuse(`${platform}-${arch}`);
}

/** The target of that name. Throws where there is none. */
export function targetNamed(name: string): Target {
  return targets.find((row) => row.name === name) ?? refuse(name);
}

/** What the executable of a target is called. */
export function executableOf({ platform }: Target): string {
  return platform === "win32" ? "vt.exe" : "vt";
}

/** Asks which loader brought this process in: a machine may have both. */
function isMusl(): boolean {
  return readFileSync("/proc/self/maps", "utf8").includes("/ld-musl-");
}

function refuse(name: string): never {
  const names = targets.map((row) => row.name).join(", ");
  throw new Error(`vt cannot be built for ${name}, only for ${names}`);
}
