/** docs/reference/environments.md, from the table of files and the kinds of steps. */
import type { PlanStepKind } from "#core/environment/plan.ts";
import { FILE_GROUPS } from "./environment-files.ts";

/** What this machine does of it, and what an image does. */
const STEPS: Readonly<Record<PlanStepKind, { readonly here: string; readonly image: string }>> = {
  apt: {
    here: "archives of this machine's Debian, unpacked into a layer over the system; none as of a day",
    image: "apt-get, above everything that changes more often",
  },
  nix: { here: "no", image: "nix in the image" },
  conda: { here: "the rattler library", image: "micromamba or pixi" },
  python: { here: "uv, with an interpreter of this machine", image: "uv" },
  lock: { here: "uv", image: "uv" },
  packages: { here: "uv", image: "uv" },
  node: { here: "the machine's npm, where it has one", image: "Node and npm" },
  r: {
    here: "the R of the conda environment, or the machine's where it has Jupyter's kernel for it",
    image: "R of its makers",
  },
  julia: { here: "no", image: "Julia of its makers" },
  archive: { here: "uv", image: "uv" },
  project: { here: "uv, in a sandbox", image: "uv, after the content" },
  postBuild: { here: "in a sandbox", image: "as the person, last" },
  dockerfile: { here: "no", image: "built as it is" },
};

/** Fields of the plan as JSON. */
const FIELDS: readonly (readonly [name: string, meaning: string])[] = [
  ["binderDirectory", '`.binder`, `binder` or `""` for the root'],
  [
    "steps",
    'what is done, in order; each with `kind`, what it installs, and `files` that it reads; `"."` among them is all of the content: code of the repository runs in the step',
  ],
  ["engine", "`local` or `container`, the first step that decides it, and why"],
  ["files", "every configuration file that was seen: `used`, `ignored` or `unusable`, and why"],
  [
    "server",
    "`generic` (the shared one) or `environment` (of the repository's own packages), and why",
  ],
  ["start", "path of the `start` script, or null"],
  ["environmentVariables, path", "what the session and postBuild see"],
  ["runsRepositoryCode", "whether a step runs code of the repository"],
  ["coldStartBecause", "why no server that was started beforehand can serve it, or null"],
  ["differsFromRepo2docker", "sentences"],
  ["asOf", "the day of `--as-of`, or null"],
  ["key, keyInputs", "the environment key, and what went into it by name"],
];

const SESSION = `## What the session finds

\`jovyan\` with user id 1000, \`HOME\` and \`REPO_DIR\` are \`/home/jovyan\`, the content lies there.
\`PATH\` is \`~/.local/bin\`, the environment (\`/srv/env/bin\`), \`node_modules/.bin\`, Julia, the system.
\`NB_PYTHON_PREFIX\` and \`KERNEL_PYTHON_PREFIX\` name the environment, \`CONDA_PREFIX\` as well where it is
conda's. \`BINDER_REPO_URL\`, \`BINDER_REF_URL\`, \`BINDER_LAUNCH_HOST\`, \`BINDER_REQUEST\` and
\`BINDER_PERSISTENT_REQUEST\` are those of BinderHub. What the scripts in
\`etc/conda/activate.d\` export is set in the kernels.

`;

const KEYS = `## The environment key

It is a hash of what is installed: packages, versions, interpreter, platform, options. README,
notebooks, comments, order and line ends are not in it. Where code of the repository runs in the build
(postBuild, setup.py, a local package) every file is, because it can read every file; a local wheel
adds itself only. Equal keys are one environment, whoever asks, built once.

## Locks and days

Every build writes down what it installed: versions with digests, Debian packages, conda packages by
address, those of R and of npm, the builder's version, a digest of the system below. \`bindery lock REPO\` builds and prints it,
\`bindery lock REPO --output binder\` writes files that ask for the same again, and
\`bindery environments lock KEY\` prints that of an environment. \`--as-of 2024-01-31\` resolves as at the
end of that day (UTC): an index that does not say when a file was uploaded then offers nothing.

`;

export function renderEnvironments(): string {
  const groups = FILE_GROUPS.map(({ title, rows }) => {
    const lines = rows.map(
      ({ names, here, repo2docker }) =>
        `| ${names.map((name) => `\`${name}\``).join(", ")} | ${cell(here)} | ${cell(repo2docker)} |`,
    );
    return `### ${title}\n\n| file | here | repo2docker |\n|---|---|---|\n${lines.join("\n")}\n`;
  });
  const steps = Object.entries(STEPS).map(
    ([kind, { here, image }]) => `| ${kind} | ${here} | ${image} |`,
  );
  const fields = FIELDS.map(([name, meaning]) => `| ${name} | ${cell(meaning)} |`);
  return `# Environments

Made by \`npm run docs\` from \`tools/docs/environment-files.ts\`; do not edit.

\`bindery explain REPO\` says all of this for one repository: each file, used or not, and why.

## Where files are looked for

In \`.binder/\` if it is there, else in \`binder/\`, else in the root. Both are an error. Where one of the
two is there, no file of the root is read. \`setup.py\` and \`DESCRIPTION\` count in the root only, as in
repo2docker. A file that is known and cannot be used stops the build; one whose name differs in its
letters' case is named.

Python, conda, R, Julia and JavaScript are installed beside one another. A Dockerfile, a Nix
expression or a devcontainer.json stands alone. Without any file you get Python with Jupyter.

## Files

${groups.join("\n")}
${SESSION}## Steps, and who does them

| step | on this machine | in an image |
|---|---|---|
${steps.join("\n")}

What this machine cannot do is refused before anything is built, and the message says so.
\`bindery dockerfile REPO\` writes the image's Dockerfile with its context, for any builder.

${KEYS}## The plan as JSON

\`bindery plan REPO --json\`:

| field | meaning |
|---|---|
${fields.join("\n")}
`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
