/** Small constant programs that lie in the build context: what a repository names is an argument of theirs. */

export interface ContextFile {
  /** Relative to the context. */
  readonly path: string;
  readonly text: string;
  readonly isExecutable: boolean;
}

/** Where the image has them. */
export const SCRIPTS = "/srv/bindery";

const TEXTS = {
  "apt-install": `#!/bin/sh
# Installs the packages that are its arguments.
set -eu
apt-get --quiet=2 update
exec env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends -- "$@"
`,
  entrypoint: `#!/bin/sh
# Starts the session: the repository's own start program, if it has one, is given the command.
if [ -n "\${R2D_ENTRYPOINT:-}" ]; then
  exec "$R2D_ENTRYPOINT" "$@"
fi
exec "$@"
`,
  "run-program": `#!/bin/sh
# Runs one program of the repository by its own shebang.
set -eu
chmod +x -- "$1"
exec "$1"
`,
  "lock-from-uv": `#!/bin/sh
# Installs what uv.lock says: $1 is its directory, $2 "packages" or "all" (with those of the repository).
set -eu
cd -- "$1"
set -- "$2"
if [ "$1" = packages ]; then only=--no-emit-local; else only=--no-emit-project; fi
uv export --frozen --quiet --no-header --no-annotate "$only" --format=requirements.txt --output-file=/tmp/locked.txt
exec uv pip install --python=/srv/env/bin/python --requirements=/tmp/locked.txt
`,
  "npm-from": `#!/bin/sh
# Installs JavaScript packages in the directory $1 by the npm command $2.
set -eu
cd -- "$1"
shift
exec npm "$@" --no-audit --no-fund --no-update-notifier
`,
  "install-r": `#!/bin/sh
# Installs R $1 by the packages of its makers.
set -eu
. /etc/os-release
apt-get --quiet=2 update
curl -fsSL -o /tmp/r.deb "https://cdn.posit.co/r/$ID-$(echo "$VERSION_ID" | tr -d .)/pkgs/r-$1_1_$(dpkg --print-architecture).deb"
DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends /tmp/r.deb
rm /tmp/r.deb
ln -s "/opt/R/$1/bin/R" "/opt/R/$1/bin/Rscript" /usr/local/bin/
`,
  "r-kernel.R": `# The kernel of R: snapshot, environment, and the packages that are needed are the arguments.
arguments <- commandArgs(trailingOnly = TRUE)
options(repos = c(CRAN = arguments[[1]]), warn = 2)
library <- Sys.getenv("R_LIBS_USER")
dir.create(library, recursive = TRUE, showWarnings = FALSE)
.libPaths(c(library, .libPaths()))
wanted <- arguments[-(1:2)]
missing <- wanted[!vapply(wanted, requireNamespace, TRUE, quietly = TRUE)]
if (length(missing) > 0) install.packages(missing, lib = library)
kernel <- file.path(arguments[[2]], "share/jupyter/kernels/ir")
dir.create(kernel, recursive = TRUE, showWarnings = FALSE)
command <- c(file.path(R.home("bin"), "R"), "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}")
words <- paste0('"', command, '"', collapse = ", ")
writeLines(sprintf('{"argv": [%s], "display_name": "R", "language": "R"}', words), file.path(kernel, "kernel.json"))
`,
  "r-sources.R": `# What a repository asks for: snapshot, kind and path are the arguments.
arguments <- commandArgs(trailingOnly = TRUE)
options(repos = c(CRAN = arguments[[1]]))
kind <- arguments[[2]]
path <- arguments[[3]]
library <- Sys.getenv("R_LIBS_USER")
.libPaths(c(library, .libPaths()))
if (kind == "install.R") source(path, chdir = TRUE)
if (kind == "DESCRIPTION") remotes::install_local(dirname(path), upgrade = "never")
if (kind == "renv.lock") renv::restore(lockfile = path, library = Sys.getenv("R_LIBS_USER"), prompt = FALSE)
`,
  "install-julia": `#!/bin/sh
# Installs Julia $1: 1.10.4, or 1.10 for its newest release.
set -eu
case "$(uname -m)" in aarch64) directory=aarch64 ;; *) directory=x64 ;; esac
minor=$(echo "$1" | cut -d. -f1,2)
case "$1" in *.*.*) name=$1 ;; *) name=$1-latest ;; esac
mkdir -p /srv/julia/pkg
url="https://julialang-s3.julialang.org/bin/linux/$directory/$minor/julia-$name-linux-$(uname -m).tar.gz"
curl -fsSL "$url" | tar -xz --strip-components=1 -C /srv/julia
`,
  "nix-entrypoint": `#!/bin/sh
# Starts the session inside the environment of the expression in NIX_EXPRESSION, each argument as it was.
set -eu
command=exec
for word in "$@"; do
  command="$command '$(printf %s "$word" | sed "s/'/'\\\\\\\\''/g")'"
done
if [ "$NIX_FORMAT" = flake.nix ]; then exec nix --extra-experimental-features "nix-command flakes" develop "$REPO_DIR" --command "$@"; fi
exec nix-shell "$NIX_EXPRESSION" --run "$command"
`,
} as const;

/** Always all of them, so that an image that needs one more is still made from the same layers. */
export function contextScripts(): readonly ContextFile[] {
  return Object.entries(TEXTS).map(([name, text]) => ({
    path: `bindery/${name}`,
    text,
    isExecutable: !name.endsWith(".R"),
  }));
}
