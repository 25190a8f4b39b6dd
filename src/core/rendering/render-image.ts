/** A plan as a Dockerfile with its context: what changes rarely first, the repository's content last. Pure. */
import type { Plan } from "../environment/plan.ts";
import { comment, execForm, quoted } from "./docker-text.ts";
import {
  CONTENT,
  ENVIRONMENT,
  type ImageOptions,
  inputFile,
  INPUTS,
  type Layer,
  layer,
  PYTHON,
  type RenderedImage,
  SERVER,
} from "./image.ts";
import { endLayer, variablesOf } from "./image-end.ts";
import { contextScripts, SCRIPTS } from "./image-scripts.ts";
import {
  aptLayer,
  baseAptLayer,
  condaLayers,
  find,
  juliaProjectLayer,
  juliaRuntimeLayer,
  KERNEL_COMMAND,
  nodeLayers,
  postBuildLayer,
  rRuntimeLayers,
  rSourceLayers,
  uvLockLayer,
  uvRun,
} from "./image-steps.ts";
import {
  dateOptions,
  type InstallerInputs,
  installerInputs,
  installerOptions,
} from "./installer-inputs.ts";

const BASE_PACKAGES = ["ca-certificates", "curl", "git", "less", "python3", "python3-pip", "unzip"];

export function renderImage(plan: Plan, options: ImageOptions): RenderedImage {
  const own = find(plan, "dockerfile");
  if (own !== null && own.path !== null) {
    const { path, context: directory, target, buildArguments } = own;
    return { kind: "own", path, directory, target, buildArguments };
  }
  const home = options.repositoryDirectory ?? `/home/${options.user.name}`;
  const body =
    own !== null
      ? imageLayers(plan, options, { image: own.image ?? options.baseImage, home })
      : find(plan, "nix") !== null
        ? nixLayers(plan, options, home)
        : ownLayers(plan, options, home);
  return finished(plan, options, { body, home });
}

/** Everything that is installed before the content is there. */
function ownLayers(plan: Plan, options: ImageOptions, home: string): readonly Layer[] {
  const apt = find(plan, "apt");
  const conda = find(plan, "conda");
  const python = find(plan, "python");
  const r = find(plan, "r");
  const julia = find(plan, "julia");
  const { user } = options;
  const lock = find(plan, "lock");
  const inputs = installerInputs(plan, home, lock === null ? [] : lock.requirements);
  const needsContent = inputs.options.some(
    ({ name, value }) => name === "find-links" && !(value ?? "").includes("://"),
  );
  const packages = packageLayers(plan, options, { inputs, home });
  return [
    layer([`FROM ${options.baseImage}`, "USER root"]),
    baseAptLayer(BASE_PACKAGES),
    userLayer(options, home),
    uvLayer(options),
    ...(plan.server.kind === "generic" ? [serverLayer(options)] : []),
    layer(variablesOf(plan, options, home).lines),
    ...(apt === null ? [] : [aptLayer(apt)]),
    ...(julia === null ? [] : [juliaRuntimeLayer(julia, options)]),
    ...(conda === null ? [] : condaLayers(conda, options)),
    layer([
      `USER ${user.name}`,
      ...(python === null
        ? []
        : [
            uvRun(options, [
              "venv",
              "--quiet",
              "--allow-existing",
              "--python",
              python.version,
              ENVIRONMENT,
            ]),
          ]),
    ]),
    ...(needsContent ? [] : packages),
    ...(r === null ? [] : [...rRuntimeLayers(r, options), ...rSourceLayers(r, home, false)]),
    layer([
      `USER ${user.name}`,
      `COPY --chown=${user.uid}:${user.uid} ${CONTENT} ${home}`,
      `WORKDIR ${home}`,
    ]),
    ...(needsContent ? packages : []),
    ...contentLayers(plan, options, { inputs, home }),
  ];
}

function userLayer({ user }: ImageOptions, home: string): Layer {
  const id = String(user.uid);
  return layer([
    `RUN ${execForm(["groupadd", "--force", "--non-unique", `--gid=${id}`, user.name])}`,
    `RUN ${execForm(["useradd", "--create-home", "--non-unique", "--no-log-init", `--uid=${id}`, `--gid=${id}`, "--shell=/bin/bash", user.name])}`,
    `RUN ${execForm(["install", "-d", `--owner=${id}`, `--group=${id}`, home, "/srv/env", "/srv/cache", "/srv/inputs"])}`,
  ]);
}

function uvLayer(options: ImageOptions): Layer {
  if (options.baseHas.has("uv")) return layer(UV_SETTINGS);
  const words = ["python3", "-m", "pip", "install", "--break-system-packages", "--no-cache-dir"];
  return layer([...UV_SETTINGS, `RUN ${execForm([...words, `uv==${options.uvVersion}`])}`]);
}

const UV_SETTINGS = ["ENV UV_LINK_MODE=copy UV_CACHE_DIR=/srv/cache/uv UV_COMPILE_BYTECODE=1"];

/** The shared server: the same in every image, so that its layer is shared. */
function serverLayer(options: ImageOptions): Layer {
  const sync = ["uv", "pip", "sync", `--python=${SERVER}/bin/python`, "--require-hashes"];
  return layer(
    [
      `COPY inputs/server.txt ${INPUTS}/server.txt`,
      `RUN ${execForm(["uv", "venv", "--quiet", "--no-cache", SERVER])}`,
      `RUN ${execForm([...sync, "--quiet", "--no-cache", "--only-binary=:all:", `${INPUTS}/server.txt`])}`,
    ],
    { files: [{ path: "inputs/server.txt", text: options.serverLock, isExecutable: false }] },
  );
}

interface Inputs {
  readonly inputs: InstallerInputs;
  readonly home: string;
}

function packageLayers(
  plan: Plan,
  options: ImageOptions,
  { inputs, home }: Inputs,
): readonly Layer[] {
  const lock = find(plan, "lock");
  const install = uvRun(options, [
    ...["pip", "install", `--python=${PYTHON}`, `--requirements=${INPUTS}/requirements.txt`],
    ...sharedOptions(inputs, home),
  ]);
  const hasKernel = plan.steps.some(
    (step) => step.kind === "packages" && step.added.includes("ipykernel"),
  );
  return [
    ...(lock?.format === "uv" ? [uvLockLayer(lock, options)] : []),
    layer(
      [
        `COPY inputs/requirements.txt inputs/constraints.txt ${INPUTS}/`,
        install,
        ...(hasKernel ? [`RUN ${execForm(KERNEL_COMMAND)}`] : []),
      ],
      {
        files: [
          inputFile("requirements.txt", inputs.requirements),
          inputFile("constraints.txt", inputs.constraints),
        ],
      },
    ),
  ];
}

/** What reads the repository's content, or is code of it. */
function contentLayers(
  plan: Plan,
  options: ImageOptions,
  { inputs, home }: Inputs,
): readonly Layer[] {
  const lock = find(plan, "lock");
  const node = find(plan, "node");
  const r = find(plan, "r");
  const postBuild = find(plan, "postBuild");
  const directory = lock === null || lock.directory === "" ? home : `${home}/${lock.directory}`;
  const isWorkspace = lock?.format === "uv" && lock.files.includes(".");
  const local = inputs.local.length === 0 ? [] : [localLayer(options, { inputs, home })];
  return [
    ...(node === null ? [] : nodeLayers(node, options, home)),
    ...(r === null ? [] : rSourceLayers(r, home, true)),
    ...(find(plan, "julia") === null ? [] : [juliaProjectLayer()]),
    ...(isWorkspace
      ? [layer([`RUN ${execForm([`${SCRIPTS}/lock-from-uv`, directory, "all"])}`])]
      : []),
    ...local,
    ...(postBuild === null ? [] : [postBuildLayer(postBuild.path, home)]),
    ...(plan.start === null
      ? []
      : [layer([`RUN ${execForm(["chmod", "+x", "--", `${home}/${plan.start}`])}`])]),
  ];
}

function localLayer(options: ImageOptions, { inputs, home }: Inputs): Layer {
  const install = uvRun(options, [
    ...["pip", "install", `--python=${PYTHON}`, `--requirements=${INPUTS}/local.txt`],
    ...sharedOptions(inputs, home),
  ]);
  return layer([`COPY inputs/local.txt ${INPUTS}/local.txt`, install], {
    files: [inputFile("local.txt", inputs.local)],
  });
}

function sharedOptions(inputs: InstallerInputs, home: string): readonly string[] {
  return [
    ...(inputs.constraints.length > 0 ? [`--constraints=${INPUTS}/constraints.txt`] : []),
    ...dateOptions(inputs),
    ...installerOptions(inputs.options, home),
  ];
}

/** An image that is used as it is, with the content and the variables. */
function imageLayers(
  plan: Plan,
  options: ImageOptions,
  { image, home }: { readonly image: string; readonly home: string },
): readonly Layer[] {
  const { uid } = options.user;
  return [
    layer([
      `FROM ${image}`,
      ...variablesOf(plan, options, home).lines,
      `COPY --chown=${uid}:${uid} ${CONTENT} ${home}`,
    ]),
  ];
}

function nixLayers(plan: Plan, options: ImageOptions, home: string): readonly Layer[] {
  const nix = find(plan, "nix");
  const path = `${home}/${nix?.path ?? "default.nix"}`;
  const isFlake = nix?.format === "flake.nix";
  const warm = isFlake
    ? [
        "nix",
        "--extra-experimental-features",
        "nix-command flakes",
        "develop",
        home,
        "--command",
        "true",
      ]
    : ["nix-shell", path, "--run", "true"];
  return [
    layer([
      "FROM docker.io/nixos/nix:2.31.2",
      ...variablesOf(plan, options, home).lines,
      `COPY ${CONTENT} ${home}`,
      `ENV NIX_EXPRESSION=${quoted(path)} NIX_FORMAT=${nix?.format ?? "default.nix"}`,
      `RUN ${execForm(warm)}`,
    ]),
  ];
}

function finished(
  plan: Plan,
  options: ImageOptions,
  { body, home }: { readonly body: readonly Layer[]; readonly home: string },
): RenderedImage {
  const isImage = find(plan, "dockerfile") !== null;
  const end = endLayer(plan, options, home);
  const [first, ...rest] = body;
  const lines = [
    comment("Made by Bindery; it is made anew from the repository by `bindery dockerfile`."),
    ...(first?.lines.slice(0, 1) ?? []),
    ...(isImage ? ["USER root"] : []),
    `COPY bindery ${SCRIPTS}`,
    ...(first?.lines.slice(1) ?? []),
    ...rest.flatMap((each) => each.lines),
    ...end.lines,
    ...(options.appendix === null ? [] : [options.appendix]),
  ];
  return {
    kind: "made",
    dockerfile: `${withoutRepeatedUsers(lines).join("\n")}\n`,
    context: [...contextScripts(), ...body.flatMap((each) => each.files)],
    copies: body.flatMap((each) => each.copies),
    notes: [...variablesOf(plan, options, home).notes, ...end.notes],
  };
}

function withoutRepeatedUsers(lines: readonly string[]): readonly string[] {
  let current = "";
  return lines.filter((line) => {
    if (!line.startsWith("USER ")) return true;
    const isNew = line !== current;
    current = line;
    return isNew;
  });
}
