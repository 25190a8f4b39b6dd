/** Whether code of repositories can be contained here; tried out, not guessed. */
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { detectSandbox, remedyFor } from "#drivers/local/sandbox/detect.ts";
import { currentOwner, switchUser } from "#drivers/local/sandbox/owner.ts";
import { inspectTools } from "#drivers/local/tools/ensure-tools.ts";
import { askProgram } from "./ask-program.ts";
import type { Examination, Finding } from "./finding.ts";
import { installHint } from "./install-hint.ts";

const SYSTEM_PATHS = ["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"];

export async function examineSandbox(examination: Examination): Promise<readonly Finding[]> {
  const { config } = examination;
  const { bubblewrap } = await inspectTools(config.dataDir);
  const paths = [...(bubblewrap === null ? [] : [bubblewrap.path]), ...SYSTEM_PATHS];
  const there = paths.filter((path) => existsSync(path));
  const findings = await tryOut(there, examination);
  const judged = findings.map((finding) =>
    finding.part === "sandbox" ? withoutIsolation(finding, config.isolation) : finding,
  );
  if (there.length > 0) return bubblewrap === null ? judged.map(withOursToCome) : judged;
  const comes = await comesWithFirstStart(examination);
  return judged.map((finding) =>
    finding.part === "sandbox" && finding.state === "bad" ? comes : finding,
  );
}

/** In a directory of its own: there may be no data directory yet, and none is made here. */
async function tryOut(
  bwrapPaths: readonly string[],
  { config }: Examination,
): Promise<readonly Finding[]> {
  const scratch = await mkdtemp(join(tmpdir(), "bindery-doctor-"));
  try {
    // The sandbox's user must be able to walk through it.
    await chmod(scratch, 0o755);
    return detectSandbox({ dataDir: scratch, sandboxUid: config.sandboxUid, bwrapPaths });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What the system's own lacks, ours may have. */
function withOursToCome(finding: Finding): Finding {
  if (finding.part !== "overlays" || finding.state === "good") return finding;
  return { ...finding, remedy: "The first start fetches a newer bubblewrap." };
}

/** `--isolation none` was said: then a missing sandbox keeps nothing from running. */
function withoutIsolation(finding: Finding, isolation: "bubblewrap" | "none"): Finding {
  if (isolation === "bubblewrap") {
    if (finding.state !== "bad") return finding;
    const anyway = " `--isolation none` runs code of repositories unprotected, as you.";
    return { ...finding, remedy: (finding.remedy ?? "") + anyway };
  }
  return {
    part: "sandbox",
    state: "limited",
    found: "--isolation none",
    meaning: "Code of repositories is not contained: it can do whatever you can.",
    remedy: "Leave out --isolation none.",
  };
}

/** Nothing to try out yet: the kernel is asked for what bubblewrap will need. */
async function comesWithFirstStart({ config, environment }: Examination): Promise<Finding> {
  const user = switchUser(currentOwner(config.sandboxUid));
  const [program = "unshare", ...args] = [
    ...user,
    ...["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "true"],
  ];
  const answer = await askProgram([program, ...args], environment);
  if (answer.kind === "failed") {
    return {
      part: "sandbox",
      state: "bad",
      found: `no bubblewrap, and no user namespaces: ${answer.because}`,
      meaning: "Code of repositories would not be contained, so Bindery does not run any.",
      remedy: remedyFor(answer.because),
    };
  }
  return {
    part: "sandbox",
    state: "limited",
    found: "no bubblewrap yet; user namespaces work",
    meaning: "The first start fetches bubblewrap from the package index.",
    remedy: `To have it from the system instead: ${installHint("bubblewrap")}`,
  };
}
