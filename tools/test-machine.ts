/** What the tests need from the machine: Debian's programs, and a place to keep what they fetch. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { installCommand, missingPrograms } from "./bootstrap.mjs";

const INSTALL_LIMIT_MS = 600_000;

/** Program → Debian's package, and what cannot be tested without it. */
const PROGRAMS: Readonly<Record<string, { readonly package: string; readonly tests: string }>> = {
  git: { package: "git", tests: "nearly everything" },
  "git-lfs": { package: "git-lfs", tests: "contract: repositories with large files" },
  python3: { package: "python3", tests: "contract and e2e: builds and sessions" },
  bwrap: { package: "bubblewrap", tests: "contract and e2e: the sandbox" },
  buildah: { package: "buildah", tests: "environments: images (they are skipped)" },
  debootstrap: { package: "debootstrap", tests: "environments: images (they are skipped)" },
  // With R itself.
  Rscript: { package: "r-cran-irkernel", tests: "environments: R (it is skipped)" },
  chromium: { package: "chromium", tests: "e2e: the pages in a browser" },
};

/**
 * Installs what is missing, where this process may (root, on Debian); elsewhere it prints the
 * command and which tests will fail without.
 */
export function prepareMachine(): void {
  const path = process.env["PATH"] ?? "";
  const missing = missingPrograms(Object.keys(PROGRAMS), path);
  if (missing.length === 0) return;
  const packages = missing.map((program) => PROGRAMS[program]?.package ?? program);
  const isAptHere = missingPrograms(["apt-get"], path).length === 0;
  if (isAptHere && process.getuid?.() === 0 && installByApt(packages)) return;
  for (const program of missing) {
    console.log(`Not on this machine: ${program}. Without it fail: ${PROGRAMS[program]?.tests}.`);
  }
  console.log(`To install what is missing:\n  ${installCommand(packages, path)}\n`);
}

function installByApt(packages: readonly string[]): boolean {
  console.log(`Installing what the tests need: ${packages.join(", ")} …`);
  // Once more, because a mirror in the middle of its own update refuses the first time.
  return [1, 2].some(
    () => apt(["update"]) && apt(["install", "-y", "--no-install-recommends", ...packages]),
  );
}

function apt(words: readonly string[]): boolean {
  const { status } = spawnSync("apt-get", ["-q", ...words], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    stdio: ["ignore", "inherit", "inherit"],
    timeout: INSTALL_LIMIT_MS,
  });
  return status === 0;
}

/**
 * A folder outside of the checkout where tests keep what takes long to fetch or build, from run to
 * run. Tests find it in BINDERY_TEST_CACHE.
 */
export function testCache(): string {
  const given = process.env["BINDERY_TEST_CACHE"];
  const cacheHome = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const folder = given ?? join(cacheHome, "bindery", "test");
  mkdirSync(folder, { recursive: true });
  return folder;
}
