/** Configuration files that Bindery recognises and cannot build from yet: none is silently ignored. */

/**
 * `refuse`: repo2docker would build from it, so that a plan without it would be another environment.
 * `refuse-alone`: repo2docker passes it over; where nothing else says what to install, its author
 * would get a bare Python, so it is refused; beside a file that says so it is ignored.
 * `ignore`: it does not say what is installed.
 */
export type OtherFileRule = "refuse" | "refuse-alone" | "ignore";

export interface OtherFile {
  /** Inside the configuration directory. */
  readonly name: string;
  readonly rule: OtherFileRule;
  readonly because: string;
  /** repo2docker looks for it in the repository's root only. */
  readonly isRootOnly?: boolean;
}

const CONDA = "it describes a conda environment";
const NIX = "it describes a Nix environment";
const R = "it describes an R environment";
const JULIA = "it describes a Julia environment";
const PASSED_OVER = "repo2docker passes it over, and so does Bindery";

/** In repo2docker's order: the first one that is there decides. */
export const OTHER_FILES: readonly OtherFile[] = [
  { name: "Dockerfile", rule: "refuse", because: "it describes a container image" },
  { name: "Project.toml", rule: "refuse", because: JULIA },
  { name: "JuliaProject.toml", rule: "refuse", because: JULIA },
  {
    name: "REQUIRE",
    rule: "refuse",
    because: "it is Julia's old form; Project.toml has replaced it",
  },
  { name: "default.nix", rule: "refuse", because: NIX },
  { name: "DESCRIPTION", rule: "refuse", because: R, isRootOnly: true },
  { name: "install.R", rule: "refuse-alone", because: R },
  { name: "renv.lock", rule: "refuse-alone", because: R },
  { name: "conda-lock.yml", rule: "refuse-alone", because: CONDA },
  { name: "pixi.toml", rule: "refuse-alone", because: CONDA },
  { name: "pixi.lock", rule: "refuse-alone", because: CONDA },
  { name: "flake.nix", rule: "refuse-alone", because: NIX },
  { name: "Manifest.toml", rule: "ignore", because: "it means something beside Project.toml only" },
  {
    name: "requirements3.txt",
    rule: "ignore",
    because: "it is for servers beside Python 2 kernels",
  },
  { name: "package.json", rule: "ignore", because: `${PASSED_OVER}; postBuild can run npm` },
  {
    name: ".devcontainer/devcontainer.json",
    rule: "ignore",
    because: `it is for editors; ${PASSED_OVER}`,
  },
  { name: ".devcontainer.json", rule: "ignore", because: `it is for editors; ${PASSED_OVER}` },
  { name: "flake.lock", rule: "ignore", because: "it means something beside flake.nix only" },
  { name: ".env", rule: "ignore", because: PASSED_OVER },
  { name: "env", rule: "ignore", because: PASSED_OVER },
  { name: ".dockerignore", rule: "ignore", because: "no image is built" },
  { name: ".containerignore", rule: "ignore", because: "no image is built" },
];

/** Files that the planner reads itself. */
export const OWN_FILES: readonly string[] = [
  "requirements.txt",
  "runtime.txt",
  ".python-version",
  "pyproject.toml",
  "uv.lock",
  "pylock.toml",
  "poetry.lock",
  "Pipfile",
  "Pipfile.lock",
  "environment.yml",
  "environment.yaml",
  "setup.py",
  "setup.cfg",
  "apt.txt",
  "postBuild",
  "start",
];
