/** Configuration files by name: those that are read, and those that are recognised and say nothing here. */

/**
 * `refuse-alone`: where nothing else says what to install its author would get a bare Python, so it is
 * refused; beside a file that says so it is ignored. `ignore`: it does not say what is installed.
 */
export type OtherFileRule = "refuse-alone" | "ignore";

export interface OtherFile {
  /** Inside the configuration directory. */
  readonly name: string;
  readonly rule: OtherFileRule;
  readonly because: string;
}

const PASSED_OVER = "repo2docker passes it over, and so does Bindery";

export const OTHER_FILES: readonly OtherFile[] = [
  {
    name: "pixi.lock",
    rule: "refuse-alone",
    because: "it means something beside pixi.toml or [tool.pixi] only",
  },
  { name: "Manifest.toml", rule: "ignore", because: "it means something beside Project.toml only" },
  {
    name: "JuliaManifest.toml",
    rule: "ignore",
    because: "it means something beside Project.toml only",
  },
  {
    name: "requirements3.txt",
    rule: "ignore",
    because: "it is for servers beside Python 2 kernels",
  },
  { name: "package-lock.json", rule: "ignore", because: "it means something beside package.json" },
  {
    name: "yarn.lock",
    rule: "ignore",
    because: "packages are installed by npm, which reads its own",
  },
  {
    name: "pnpm-lock.yaml",
    rule: "ignore",
    because: "packages are installed by npm, which reads its own",
  },
  {
    name: ".devcontainer/devcontainer.json",
    rule: "ignore",
    because: "other files say what to install, as in repo2docker",
  },
  {
    name: ".devcontainer.json",
    rule: "ignore",
    because: "other files say what to install, as in repo2docker",
  },
  { name: "flake.lock", rule: "ignore", because: "it means something beside flake.nix only" },
  { name: ".env", rule: "ignore", because: PASSED_OVER },
  { name: "env", rule: "ignore", because: PASSED_OVER },
  { name: ".dockerignore", rule: "ignore", because: "the repository describes no image" },
  { name: ".containerignore", rule: "ignore", because: "the repository describes no image" },
];

/** Files that the planner reads itself, in repo2docker's order where it knows them. */
export const OWN_FILES: readonly string[] = [
  "Dockerfile",
  "Project.toml",
  "JuliaProject.toml",
  "REQUIRE",
  "default.nix",
  "DESCRIPTION",
  "environment.yml",
  "environment.yaml",
  "Pipfile",
  "Pipfile.lock",
  "requirements.txt",
  "runtime.txt",
  ".python-version",
  "pyproject.toml",
  "setup.py",
  "setup.cfg",
  "uv.lock",
  "pylock.toml",
  "poetry.lock",
  "conda-lock.yml",
  "conda-linux-64.lock",
  "conda-linux-aarch64.lock",
  "pixi.toml",
  "install.R",
  "renv.lock",
  "flake.nix",
  "package.json",
  "apt.txt",
  "postBuild",
  "start",
];
