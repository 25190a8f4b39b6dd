/** What each configuration file does here, and how that differs from repo2docker: the table of the reference. */

export interface FileRow {
  /** As they lie in the configuration directory. */
  readonly names: readonly string[];
  readonly here: string;
  /** What repo2docker does otherwise; "the same" where nothing. */
  readonly repo2docker: string;
}

export interface FileGroup {
  readonly title: string;
  readonly rows: readonly FileRow[];
}

const BARE = "passes it over and builds a bare Python";

export const FILE_GROUPS: readonly FileGroup[] = [
  {
    title: "Python",
    rows: [
      {
        names: ["requirements.txt"],
        here: "Packages by pip's own rules: `-r`, `-c`, `-e .`, wheels and directories of the repository, addresses, Git, `--hash`, index options. Comments, order and line ends do not count in the key. `-r` and `-c` are followed; a file outside of the repository is refused. Where it is there it decides, and locks beside it are passed over.",
        repo2docker:
          "the same packages; every commit installs anew when a line names a file, and local wheels fail",
      },
      {
        names: ["pyproject.toml"],
        here: "With `[build-system]`: dependencies first, then the project itself. Without: `[project]`'s dependencies and `[dependency-groups]`. With `[tool.poetry]` alone: what poetry would install. `requires-python` chooses the Python. Settings of tools alone say nothing.",
        repo2docker: "needs both `[project]` and `[build-system]`; anything else is a bare Python",
      },
      {
        names: ["uv.lock"],
        here: "The exact set, with hashes, by `uv export --frozen`; beside a pyproject.toml with `[project]`. Alone it is refused.",
        repo2docker: "passes it over, and resolves the project anew",
      },
      {
        names: ["pylock.toml"],
        here: "The exact set of a standard lock, alone or beside pyproject.toml.",
        repo2docker: BARE,
      },
      {
        names: ["poetry.lock"],
        here: "The exact set with hashes: main and the groups that are not optional. Alone it is refused.",
        repo2docker: BARE,
      },
      {
        names: ["Pipfile", "Pipfile.lock"],
        here: "What pipenv would install, its development packages included; with the lock exactly that.",
        repo2docker: "the same, by an old pipenv, on every commit",
      },
      {
        names: ["setup.py"],
        here: "In the root: the project is installed, not editable. Its code runs in the build, so the key covers all files.",
        repo2docker: "the same",
      },
      {
        names: ["setup.cfg"],
        here: "Beside setup.py or a build system it belongs to the project; alone `install_requires` and `python_requires` are installed.",
        repo2docker: "reads it beside setup.py only",
      },
      {
        names: ["runtime.txt"],
        here: "`python-3.12`, `python-3.12.4`, `3.12`, `python 3.12`, `>=3.11`, or R: `r-4.4`, `r-4.4-2024-06-01`. Anything else is an error with its line.",
        repo2docker:
          "fails for `python-3.12.4` and `3.12`, and makes a Python without R of `r-4.4`",
      },
      {
        names: [".python-version"],
        here: "The Python, where runtime.txt does not say it; the name of a pyenv environment says nothing.",
        repo2docker: "passes it over",
      },
      {
        names: ["requirements3.txt"],
        here: "Passed over: it is for servers beside Python 2.",
        repo2docker: "reads it beside a Python before 3.7 only",
      },
    ],
  },
  {
    title: "Conda and pixi",
    rows: [
      {
        names: ["environment.yml", "environment.yaml"],
        here: "A fresh environment, solved from its channels (conda-forge comes last unless `nodefaults` stands there) by the rattler library, with ipykernel, ipywidgets and pip added; then its `pip:` part by uv. `python>=3.11`, `python 3.12` and `conda-forge::python=3.12` are understood. It decides alone: requirements.txt and pyproject.toml beside it are passed over. `.yml` comes before `.yaml`.",
        repo2docker:
          "the same files, as an update of the server's own environment; only `python=3.12` is understood, else 3.10 is what it starts from",
      },
      {
        names: ["conda-lock.yml"],
        here: "The packages for this platform, exactly, with digests; used beside the environment.yml that it was made from, or alone.",
        repo2docker: "passes it over and solves environment.yml anew",
      },
      {
        names: ["conda-linux-64.lock", "conda-linux-aarch64.lock"],
        here: "An explicit list (`@EXPLICIT`) of addresses, exactly; digests that it has are checked. One for another platform is refused.",
        repo2docker: BARE,
      },
      {
        names: ["pixi.toml"],
        here: "The default environment: conda packages and those from PyPI, solved where there is no pixi.lock. `[tool.pixi]` of pyproject.toml counts as well.",
        repo2docker: BARE,
      },
      {
        names: ["pixi.lock"],
        here: "The `default` environment of the lock, exactly. Without pixi.toml it is refused.",
        repo2docker: "passes it over",
      },
    ],
  },
  {
    title: "The system",
    rows: [
      {
        names: ["apt.txt"],
        here: "`name` or `name=version`, several a line, `#` begins a comment. Anything else (options, commands, shell text) is an error with its line. On this machine dpkg installs them into a layer over the system, without root; only this environment's sessions see it.",
        repo2docker: "puts every word into a shell that runs as root",
      },
      {
        names: ["postBuild"],
        here: "Runs once, last, in the home (REPO_DIR), as `jovyan`, by its shebang (`/bin/sh` without one), executable or not; what it changes in the home is kept. Its exit code decides. The key then covers every file of the repository.",
        repo2docker: "the same",
      },
      {
        names: ["start"],
        here: 'Starts each session: it is given the command as its arguments and ends with `exec "$@"`. It is content: a change of it installs nothing.',
        repo2docker: "the same",
      },
    ],
  },
  {
    title: "R",
    rows: [
      {
        names: ["install.R"],
        here: "Asks for R by itself and is run once by Rscript; its first error is the build's. It is run before the content is there when it names no other file, so that other commits change nothing.",
        repo2docker: "alone it installs no R at all; a script that fails is run twice",
      },
      {
        names: ["DESCRIPTION"],
        here: "In the root: R, and the package with what it depends on. `Depends: R (>= 4.1)` counts. Its packages are today's unless runtime.txt or `--as-of` names a day.",
        repo2docker: "the day is always two days before the build",
      },
      {
        names: ["renv.lock"],
        here: "Exactly the packages of the lock, by renv, with the R that it names; install.R beside it decides.",
        repo2docker: "passes it over and installs no R",
      },
    ],
  },
  {
    title: "Julia, Nix, JavaScript",
    rows: [
      {
        names: ["Project.toml", "JuliaProject.toml"],
        here: "Julia of `[compat]` (lists and ranges are understood), IJulia, and the project, instantiated. Python files beside it count as well.",
        repo2docker: 'the same; `"1.9, 1.10"` fails',
      },
      {
        names: ["Manifest.toml", "JuliaManifest.toml"],
        here: "The exact packages, and the Julia that it was made with where `[compat]` allows that one.",
        repo2docker: "takes the newest Julia, whatever the manifest says",
      },
      {
        names: ["REQUIRE"],
        here: "Refused: it is Julia's old form; Project.toml has replaced it.",
        repo2docker: "the same",
      },
      {
        names: ["default.nix"],
        here: "`nix-shell` of it, with apt.txt, postBuild and start; all else is passed over. It must bring Jupyter.",
        repo2docker: "the same; a `start` loses how its arguments were quoted",
      },
      {
        names: ["flake.nix", "flake.lock"],
        here: "`nix develop`, where no other file says what to install.",
        repo2docker: BARE,
      },
      {
        names: ["package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml"],
        here: "npm installs it (`npm ci` with package-lock.json) beside the other languages where it has a lock of npm, or where nothing else decides. `engines.node`, `.nvmrc` and `.node-version` choose Node. The locks of yarn and pnpm are passed over.",
        repo2docker: "passes them over",
      },
    ],
  },
  {
    title: "Images",
    rows: [
      {
        names: ["Dockerfile"],
        here: "The image as it describes itself, by the container builder; every other file is passed over. NB_USER, NB_UID and REPO_DIR are given as build arguments.",
        repo2docker: "the same",
      },
      {
        names: [".devcontainer/devcontainer.json", ".devcontainer.json"],
        here: "Its image or Dockerfile, with its variables, where no other file says what to install. Features and compose files are refused; its commands are not run.",
        repo2docker: BARE,
      },
      {
        names: [".dockerignore", ".containerignore"],
        here: "Beside a Dockerfile they say what its build does not see; elsewhere they mean nothing.",
        repo2docker: "the same",
      },
    ],
  },
  {
    title: "Files that mean nothing here",
    rows: [
      {
        names: [".env", "env"],
        here: "Passed over: variables of a session come from `start`.",
        repo2docker: "the same",
      },
    ],
  },
];
