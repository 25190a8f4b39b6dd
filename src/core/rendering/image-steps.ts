/** Each step of a plan as lines of a Dockerfile: before the repository's content, or after it. Pure. */
import type {
  AptStep,
  CondaStep,
  JuliaStep,
  LockStep,
  NodeStep,
  Plan,
  PlanStep,
  RStep,
} from "../environment/plan.ts";
import { execForm } from "./docker-text.ts";
import { type ImageOptions, INPUTS, type Layer, layer, PYTHON, ENVIRONMENT } from "./image.ts";
import { SCRIPTS } from "./image-scripts.ts";

const APT_CACHES = ["/var/cache/apt", "/var/lib/apt"]
  .map((path) => `--mount=type=cache,target=${path}`)
  .join(" ");

/** What the person's own steps share: packages that were downloaded before. */
function userCache({ user }: ImageOptions, path: string): string {
  return `--mount=type=cache,target=${path},uid=${user.uid},gid=${user.uid}`;
}

export function uvRun(options: ImageOptions, words: readonly string[]): string {
  return `RUN ${userCache(options, "/srv/cache/uv")} ${execForm(["uv", ...words])}`;
}

export function aptLayer(step: AptStep): Layer {
  const names = step.packages.map(({ name, version }) =>
    version === null ? name : `${name}=${version}`,
  );
  const command = execForm([`${SCRIPTS}/apt-install`, ...names]);
  return layer(["USER root", `RUN ${APT_CACHES} ${command}`]);
}

export function baseAptLayer(packages: readonly string[]): Layer {
  const command = execForm([`${SCRIPTS}/apt-install`, ...packages]);
  return layer([`RUN ${APT_CACHES} ${command}`]);
}

/** The image that has a program, and where: what the base lacks is copied from there. */
function programLayer(
  program: "node" | "micromamba" | "pixi",
  options: ImageOptions,
  version = "22",
): Layer {
  if (options.baseHas.has(program)) return layer([]);
  switch (program) {
    case "node": {
      const image = `docker.io/library/node:${version}-bookworm-slim`;
      return layer([
        "USER root",
        `COPY --from=${image} /usr/local/bin/node /usr/local/bin/node`,
        `COPY --from=${image} /usr/local/lib/node_modules /usr/local/lib/node_modules`,
        `RUN ${execForm(["ln", "-sf", "../lib/node_modules/npm/bin/npm-cli.js", "/usr/local/bin/npm"])}`,
      ]);
    }
    case "micromamba":
      return layer([
        "USER root",
        "COPY --from=docker.io/mambaorg/micromamba:2.3.2 /bin/micromamba /usr/local/bin/micromamba",
      ]);
    case "pixi":
      return layer([
        "USER root",
        "COPY --from=ghcr.io/prefix-dev/pixi:0.55.0 /usr/local/bin/pixi /usr/local/bin/pixi",
      ]);
  }
}

export function condaLayers(step: CondaStep, options: ImageOptions): readonly Layer[] {
  const { name } = options.user;
  const cache = userCache(options, "/srv/cache/conda");
  const create = ["micromamba", "create", "--yes", "--quiet", `--prefix=${ENVIRONMENT}`];
  const with_ = (program: "micromamba" | "pixi") => programLayer(program, options);
  const added = [...step.added];
  switch (step.format) {
    case "environment": {
      const text = JSON.stringify({
        channels: step.channels,
        dependencies: [...step.specs, ...added],
      });
      const file = { path: "inputs/environment.yml", text: `${text}\n`, isExecutable: false };
      return [
        with_("micromamba"),
        layer(
          [
            `USER ${name}`,
            `COPY inputs/environment.yml ${INPUTS}/environment.yml`,
            `RUN ${cache} ${execForm([...create, `--file=${INPUTS}/environment.yml`])}`,
          ],
          { files: [file] },
        ),
      ];
    }
    case "explicit":
    case "conda-lock": {
      const target = step.format === "explicit" ? "explicit.txt" : "conda-lock.yml";
      return [
        with_("micromamba"),
        layer(
          [
            `USER ${name}`,
            `COPY inputs/${target} ${INPUTS}/${target}`,
            `RUN ${cache} ${execForm([...create, `--file=${INPUTS}/${target}`])}`,
          ],
          { copies: [{ from: step.path, to: `inputs/${target}` }] },
        ),
      ];
    }
    case "pixi":
      return [with_("pixi"), pixiLayer(step, options)];
  }
}

function pixiLayer(step: CondaStep, options: ImageOptions): Layer {
  const isLocked = step.path.endsWith("pixi.lock");
  const environment = step.environment ?? "default";
  const manifest = step.path.replace(/pixi\.lock$/, "pixi.toml");
  const where = `${INPUTS}/pixi`;
  return layer(
    [
      `USER ${options.user.name}`,
      `COPY --chown=${options.user.uid} inputs/pixi ${where}`,
      `RUN ${execForm(["pixi", "install", ...(isLocked ? ["--frozen"] : []), `--environment=${environment}`, `--manifest-path=${where}/pixi.toml`])}`,
      `RUN ${execForm(["ln", "-sfnT", `${where}/.pixi/envs/${environment}`, ENVIRONMENT])}`,
    ],
    {
      copies: [
        { from: manifest, to: "inputs/pixi/pixi.toml" },
        ...(isLocked ? [{ from: step.path, to: "inputs/pixi/pixi.lock" }] : []),
      ],
    },
  );
}

/** Of uv.lock only packages from elsewhere: those of the repository come with its content. */
export function uvLockLayer(step: LockStep, options: ImageOptions): Layer {
  const directory = step.directory === "" ? "" : `${step.directory}/`;
  const command = execForm([`${SCRIPTS}/lock-from-uv`, `${INPUTS}/lock`, "packages"]);
  return layer(
    [
      `COPY --chown=${options.user.uid} inputs/lock ${INPUTS}/lock`,
      `RUN ${userCache(options, "/srv/cache/uv")} ${command}`,
    ],
    {
      copies: ["pyproject.toml", "uv.lock"].map((name) => ({
        from: `${directory}${name}`,
        to: `inputs/lock/${name}`,
      })),
    },
  );
}

export function nodeLayers(step: NodeStep, options: ImageOptions, home: string): readonly Layer[] {
  const major = /\d+/.exec(step.version ?? "")?.[0];
  const cache = userCache(options, "/srv/cache/npm");
  const directory = step.directory === "" ? home : `${home}/${step.directory}`;
  const before = step.asOf === null ? [] : [`--before=${step.asOf}T23:59:59Z`];
  const command = execForm([`${SCRIPTS}/npm-from`, directory, step.command, ...before]);
  return [
    programLayer("node", options, major),
    layer([`USER ${options.user.name}`, `RUN ${cache} ${command}`]),
  ];
}

/** The newest patch of each minor that people name. */
const R_PATCHES: Readonly<Record<string, string>> = {
  "4.0": "4.0.5",
  "4.1": "4.1.3",
  "4.2": "4.2.3",
  "4.3": "4.3.3",
  "4.4": "4.4.3",
  "4.5": "4.5.2",
};

/** Its kernel, and what repo2docker has, too. */
const R_PACKAGES = ["IRkernel", "remotes", "renv"];

export function rRuntimeLayers(step: RStep, options: ImageOptions): readonly Layer[] {
  const snapshot = rSnapshot(step);
  const kernel = layer([
    `USER ${options.user.name}`,
    `RUN ${execForm([rscript(step), `${SCRIPTS}/r-kernel.R`, snapshot, ENVIRONMENT, ...R_PACKAGES])}`,
  ]);
  if (step.runtime === "conda" || options.baseHas.has("r")) return [kernel];
  const version = R_PATCHES[step.version] ?? step.version;
  const install = `RUN ${execForm([`${SCRIPTS}/install-r`, version])}`;
  return [layer(["USER root", install]), kernel];
}

/** Each source: alone beforehand where nothing else is needed, else with the content. */
export function rSourceLayers(step: RStep, home: string, isWithContent: boolean): readonly Layer[] {
  return step.sources
    .filter((source) => isAlone(source) !== isWithContent)
    .map((source, index) => {
      const beforehand = `inputs/r-${index}-${source.kind}`;
      const path = isWithContent ? `${home}/${source.path}` : `/srv/${beforehand}`;
      const words = [rscript(step), `${SCRIPTS}/r-sources.R`, rSnapshot(step), source.kind, path];
      return layer(
        [
          ...(isWithContent ? [] : [`COPY ${beforehand} /srv/${beforehand}`]),
          `RUN ${execForm(words)}`,
        ],
        {
          copies: isWithContent ? [] : [{ from: source.path, to: beforehand }],
        },
      );
    });
}

function isAlone(source: RStep["sources"][number]): boolean {
  return source.kind === "renv.lock" || (source.kind === "install.R" && source.isAlone);
}

function rscript(step: RStep): string {
  return step.runtime === "conda" ? `${ENVIRONMENT}/bin/Rscript` : "Rscript";
}

function rSnapshot({ snapshot }: RStep): string {
  return `https://packagemanager.posit.co/cran/__linux__/bookworm/${snapshot ?? "latest"}`;
}

export function juliaRuntimeLayer(step: JuliaStep, options: ImageOptions): Layer {
  const { uid } = options.user;
  const install = options.baseHas.has("julia")
    ? []
    : [
        "USER root",
        `RUN ${execForm([`${SCRIPTS}/install-julia`, step.version])}`,
        `RUN ${execForm(["chown", "-R", `${uid}:${uid}`, "/srv/julia"])}`,
      ];
  const kernel = 'using Pkg; Pkg.add("IJulia"); using IJulia';
  return layer([
    ...install,
    `USER ${options.user.name}`,
    `RUN ${execForm(["env", "JULIA_PROJECT=", "JUPYTER_DATA_DIR=/srv/env/share/jupyter", "julia", "-e", kernel])}`,
  ]);
}

export function juliaProjectLayer(): Layer {
  return layer([
    `RUN ${execForm(["julia", "-e", "using Pkg; Pkg.instantiate(); Pkg.precompile()"])}`,
  ]);
}

export function postBuildLayer(path: string, home: string): Layer {
  return layer([`RUN ${execForm([`${SCRIPTS}/run-program`, `${home}/${path}`])}`]);
}

export function find<Kind extends PlanStep["kind"]>(
  plan: Plan,
  kind: Kind,
): Extract<PlanStep, { kind: Kind }> | null {
  const found = plan.steps.find(
    (step): step is Extract<PlanStep, { kind: Kind }> => step.kind === kind,
  );
  return found ?? null;
}

/** The kernel of an environment names its own interpreter, whatever server reads it. */
export const KERNEL_COMMAND = [
  ...[PYTHON, "-m", "ipykernel", "install", `--prefix=${ENVIRONMENT}`],
  ...["--name=python3", "--display-name=Python 3 (ipykernel)"],
] as const;
