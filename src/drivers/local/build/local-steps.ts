/** What this machine can do of a plan by itself: each answer says what it was found by. */
import { access, constants, readFile } from "node:fs/promises";
import type { PlanStepKind } from "#core/environment/plan.ts";
import { LOCAL_STEP_KINDS } from "#core/environment/decide-engine.ts";
import { architectureOf } from "../tools/tool-versions.ts";

/** As every sandbox has them: its `/usr` is the machine's. */
const NPM = "/usr/bin/npm";
const NODE = "/usr/bin/node";
const RSCRIPT = "/usr/bin/Rscript";
const R_LIBRARIES = [
  "/usr/local/lib/R/site-library",
  "/usr/lib/R/site-library",
  "/usr/lib/R/library",
];
/** Programs that download Debian packages and unpack them. */
const APT_PROGRAMS = ["/usr/bin/apt-get", "/usr/bin/dpkg", "/var/lib/dpkg/status"];

export interface LocalAbilities {
  /** `none`: nothing is laid over anything, so that Debian packages have no place. */
  readonly isolation: "bubblewrap" | "none";
  /** False where this kernel cannot lay one directory over another for us. */
  readonly hasOverlays: boolean;
}

export async function findLocalSteps(
  abilities: LocalAbilities,
): Promise<ReadonlySet<PlanStepKind>> {
  const kinds = new Set(LOCAL_STEP_KINDS);
  const hasLayers = abilities.isolation === "bubblewrap" && abilities.hasOverlays;
  if (hasLayers && (await areThere(APT_PROGRAMS))) kinds.add("apt");
  if (await areThere([NPM, NODE])) kinds.add("node");
  // Its library is fetched when it is needed first.
  if (architectureOf(process.arch) !== null) kinds.add("conda");
  return kinds;
}

/** Full version of this machine's R, where Jupyter's kernel for it is there, too; null for none. */
export async function findR(): Promise<string | null> {
  if (!(await areThere([RSCRIPT]))) return null;
  const kernels = await Promise.all(R_LIBRARIES.map((path) => areThere([`${path}/IRkernel`])));
  if (!kernels.includes(true)) return null;
  // R itself takes half a second to say it.
  const facts = await readFile("/usr/lib/R/library/base/DESCRIPTION", "utf8").catch(() => "");
  return /^Version: (\d+\.\d+\.\d+)$/m.exec(facts)?.[1] ?? null;
}

async function areThere(paths: readonly string[]): Promise<boolean> {
  const found = await Promise.all(
    paths.map((path) =>
      access(path, constants.R_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.every(Boolean);
}
