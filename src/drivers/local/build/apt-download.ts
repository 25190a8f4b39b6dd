/** Gets Debian packages by the machine's own apt, with lists and archives of our own: no root needed. */
import { copyFile, mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError, type Failure } from "#core/errors.ts";
import { formatBytes, HOUR_MS } from "#base/units.ts";
import type { DebianPackage } from "#core/environment/plan.ts";
import type { Clock } from "#ports/clock.ts";
import { type HostEnvironment, runProgram } from "../tools/run-program.ts";
import { archiveName, comingPackages, explainApt } from "./apt-output.ts";

export interface AptDownload {
  /** Ours: lists and archives, shared between builds. */
  readonly directory: string;
  readonly env: HostEnvironment;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly bytesMax: number;
  readonly say: (line: string) => void;
}

/** How old the lists of what there is may be. */
const LISTS_FRESH_MS = HOUR_MS;
const MACHINE_LISTS = "/var/lib/apt/lists";
const PASSED_ON = /^(?:https?|ftp|no|all)_proxy$/i;
const OUTPUT_MAX_BYTES = 4 * 1024 * 1024;

/**
 * Paths of the archives that `wanted` and what it depends on consist of, beyond what the machine has.
 * apt verifies them by its own keys. Throws `resolve-failed`, `index-unreachable`, `build-too-long`.
 */
export async function downloadArchives(
  wanted: readonly DebianPackage[],
  download: AptDownload,
): Promise<readonly string[]> {
  await prepare(download);
  await refreshLists(download, wanted, false);
  const names = wanted.map(({ name, version }) => (version === null ? name : `${name}=${version}`));
  const install = ["install", "--yes", "--no-install-recommends", "--no-remove"];
  const asked = ["--", ...names];
  const plan = ["--simulate", ...install, ...asked];
  let simulated = await apt(plan, download);
  // What is not known may have come since.
  if (simulated.code !== 0 && (await refreshLists(download, wanted, true))) {
    simulated = await apt(plan, download);
  }
  if (simulated.code !== 0) throw asError(explainApt(simulated.said, wanted));
  const coming = comingPackages(simulated.said);
  if (coming.length === 0) return [];
  download.say(`Debian packages: ${coming.map(({ name }) => name).join(" ")}`);
  let fetched = await apt([...install, "--download-only", ...asked], download);
  if (fetched.code !== 0 && /404|Hash Sum mismatch/.test(fetched.said)) {
    await refreshLists(download, wanted, true);
    fetched = await apt([...install, "--download-only", ...asked], download);
  }
  if (fetched.code !== 0) throw asError(explainApt(fetched.said, wanted));
  const paths = coming.map((one) => join(download.directory, "archives", archiveName(one)));
  await assertSizes(paths, download);
  return paths;
}

/** The machine's own lists, so that only what is newer has to come. */
async function seedLists(directory: string): Promise<void> {
  const names = await readdir(MACHINE_LISTS).catch(() => []);
  for (const name of names.filter((each) => /_(?:InRelease|Release|Packages)/.test(each))) {
    const target = join(directory, "lists", name);
    await copyFile(join(MACHINE_LISTS, name), target).catch(() => undefined);
    const info = await stat(join(MACHINE_LISTS, name)).catch(() => null);
    // apt asks for what changed since then.
    if (info !== null) await utimes(target, info.atime, info.mtime).catch(() => undefined);
  }
}

async function prepare({ directory }: AptDownload): Promise<void> {
  if (/["\\\n]/.test(directory)) {
    throw new AppError("config-unsupported", "apt cannot work in this data directory.");
  }
  for (const name of ["lists/partial", "archives/partial"]) {
    await mkdir(join(directory, name), { recursive: true, mode: 0o755 });
  }
  const settings = [
    `Dir::State::lists "${directory}/lists";`,
    `Dir::Cache "${directory}";`,
    `Dir::Cache::archives "${directory}/archives";`,
    'Debug::NoLocking "true";',
    'APT::Install-Recommends "false";',
    'APT::Install-Suggests "false";',
    // A name is a name, and never a pattern that takes others along.
    'APT::Cmd::Pattern-Only "true";',
    'APT::Keep-Downloaded-Packages "true";',
    // The hooks of the machine's own installations have nothing to do here.
    "#clear APT::Update::Post-Invoke;",
    "#clear APT::Update::Post-Invoke-Success;",
    "#clear DPkg::Post-Invoke;",
    "#clear DPkg::Pre-Install-Pkgs;",
  ];
  await writeFile(join(directory, "apt.conf"), `${settings.join("\n")}\n`);
}

/** True when they were fetched. */
async function refreshLists(
  download: AptDownload,
  wanted: readonly DebianPackage[],
  isForced: boolean,
): Promise<boolean> {
  const stamp = join(download.directory, "updated");
  const nowMs = download.clock.nowMs();
  const atMs = Number(await readFile(stamp, "utf8").catch(() => "0"));
  const isFresh = nowMs - atMs < LISTS_FRESH_MS;
  if (isFresh && (!isForced || nowMs - atMs < LISTS_FRESH_MS / 60)) return false;
  download.say("Reading the lists of Debian packages");
  if (atMs === 0) await seedLists(download.directory);
  const outcome = await apt(["update"], download);
  const isUsable = outcome.code === 0 && !/^E: /m.test(outcome.said);
  // Older lists are better than none.
  if (!isUsable && atMs === 0) throw asError(explainApt(outcome.said, wanted));
  if (isUsable) await writeFile(stamp, String(nowMs));
  return isUsable;
}

async function apt(
  words: readonly string[],
  download: AptDownload,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const passed = Object.entries(download.env).filter(([name]) => PASSED_ON.test(name));
  const outcome = await runProgram(["/usr/bin/apt-get", "--quiet=2", ...words], {
    env: {
      ...Object.fromEntries(passed),
      PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
      LC_ALL: "C.UTF-8",
      DEBIAN_FRONTEND: "noninteractive",
      APT_CONFIG: join(download.directory, "apt.conf"),
    },
    workingDirectory: "/",
    timeoutMs: download.timeoutMs,
    signal: download.signal,
    outputMaxBytes: OUTPUT_MAX_BYTES,
  });
  switch (outcome.kind) {
    case "exited":
      return { code: outcome.code, said: `${outcome.stdout}\n${outcome.stderr}` };
    case "aborted":
      throw new AppError("build-interrupted", undefined, { detail: { step: "apt" } });
    case "timed-out":
      throw new AppError("build-too-long", "apt took too long.", { detail: { step: "apt" } });
    case "not-started":
      throw new AppError("tool-missing", `apt-get cannot be started: ${outcome.because}.`);
  }
}

async function assertSizes(paths: readonly string[], { bytesMax }: AptDownload): Promise<void> {
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (bytes <= bytesMax) return;
  throw new AppError(
    "build-out-of-disk",
    `The Debian packages have ${formatBytes(bytes)}; a build may use ${formatBytes(bytesMax)}.`,
    { detail: { step: "apt" } },
  );
}

function asError({ code, message, detail }: Failure): AppError {
  return new AppError(code, message, detail === undefined ? {} : { detail });
}
