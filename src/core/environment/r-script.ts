/** Whether an R script can be run alone, or looks at other files of the repository. */

/** Functions that read files, run programs, or install from a directory. */
const CALLS =
  /(?:^|[^A-Za-z0-9_.])(?:source|sys\.source|load|load_all|readRDS|readLines|scan|file|url|fread|install_local|install_deps|install_dev_deps|local_install|restore|activate|system2?|shell|list\.files|list\.dirs|dir|file\.exists|setwd|here|getwd|use_python|file\.path|normalizePath|read[._][a-z0-9_.]+|build|document|check)\s*\(/;
/** `devtools::install()` and `pak::pak()` without a package install what lies here. */
const HERE =
  /(?:install|pak|local_install_deps|pkg_install)\s*\(\s*(?:["']\.|\)|upgrade|dependencies)/;
const SOURCES = /repos\s*=\s*NULL|type\s*=\s*["']source["']\s*,\s*repos\s*=\s*NULL/;

/** True when in doubt: then the script sees everything, and every file counts. */
export function readsOtherFiles(text: string, exists: (path: string) => boolean): boolean {
  const code = text.replace(/^\s*#.*$/gm, "");
  if (CALLS.test(code) || HERE.test(code) || SOURCES.test(code)) return true;
  for (const [, double, single] of code.matchAll(/"([^"\n]{1,300})"|'([^'\n]{1,300})'/g)) {
    const path = double ?? single ?? "";
    const isPath = /^[^:*?<>|]+$/.test(path) && !path.startsWith("/");
    // A package's name may be that of a directory too; then it is counted.
    if (isPath && exists(path.replace(/^\.\//, "").replace(/\/+$/, ""))) return true;
  }
  return false;
}
