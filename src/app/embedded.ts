/** One machine: which driver stands behind which port. */
import { arch, platform } from "node:os";
import { basename, join } from "node:path";
import type { ControlPlanePorts } from "#control/control-plane.ts";
import { AppError } from "#core/errors.ts";
import type { PlanOptions } from "#core/environment/plan-environment.ts";
import { createHttpEdge } from "#drivers/edge/http-edge.ts";
import { createGitRepoSource } from "#drivers/git/git-repo-source.ts";
import { createLocalBuilder } from "#drivers/local/build/local-builder.ts";
import { findLocalSteps, findR } from "#drivers/local/build/local-steps.ts";
import { serverCommand } from "#drivers/local/jupyter/server-command.ts";
import { ensureServerEnvironment } from "#drivers/local/jupyter/server-environment.ts";
import { readServerVersions } from "#drivers/local/jupyter/server-versions.ts";
import { createSandbox } from "#drivers/local/sandbox/sandbox.ts";
import { createLocalSessionDriver } from "#drivers/local/session/session-driver.ts";
import { ensurePython } from "#drivers/local/tools/ensure-python.ts";
import { ensureRattler, ensureTools } from "#drivers/local/tools/ensure-tools.ts";
import { compareVersions, findPythons } from "#drivers/local/tools/pythons.ts";
import { createSqliteHistory } from "#drivers/sqlite/history.ts";
import { systemClock } from "#drivers/system/clock.ts";
import { createMachine } from "#drivers/system/machine.ts";
import { createOneNode } from "#drivers/system/one-node.ts";
import { systemSecrets } from "#drivers/system/secrets.ts";
import { createEgressFilter } from "#gateway/egress.ts";
import { ASSET_PREFIX } from "#gateway/place.ts";
import type { Log } from "#ports/log.ts";
import type { RepoSource } from "#ports/repo-source.ts";
import type { Config, Environment } from "./config.ts";
import { dataDirPaths } from "./data-dir.ts";
import { egressOptions } from "./egress-options.ts";
import { defaultFirst } from "./plan-repository.ts";

export interface EmbeddedWorld {
  readonly ports: ControlPlanePorts;
  readonly planOptions: PlanOptions;
  /** What sessions run: name and version. */
  readonly serverVersions: Readonly<Record<string, string>>;
  /** Host directory of the shared server's environment. */
  readonly serverDirectory: string;
  readonly close: () => Promise<void>;
}

export interface EmbeddedParts {
  readonly config: Config;
  /** Where the gateway listens, for looking at sessions as people do. */
  readonly gatewayUrl: string;
  readonly environment: Environment;
  readonly log: Log;
  /** One line for people at each step of the installation. */
  readonly onProgress: (line: string) => void;
}

type Installed = Awaited<ReturnType<typeof install>>;

const SERVER_PYTHON_MIN = "3.10";
const SYSTEM_BWRAPS = ["/usr/bin/bwrap", "/usr/local/bin/bwrap"];

/** Errors: tool-missing, index-unreachable, sandbox-unavailable, each with what to do. */
export async function openEmbeddedWorld(parts: EmbeddedParts): Promise<EmbeddedWorld> {
  const { config, gatewayUrl, log } = parts;
  const { dataDir, policy } = config;
  const clock = systemClock;
  const secrets = systemSecrets;
  const installed = await install(parts);
  const versions = readServerVersions();
  const edge = createHttpEdge(gatewayUrl);
  const history = createSqliteHistory({ path: dataDirPaths(dataDir).history, clock, log });
  const machine = createMachine(dataDir);
  const cluster = createOneNode({ clock, seats: policy.sessionsMax + policy.canarySeats });
  const drivers = createDrivers(parts, installed);
  return {
    ports: { ...drivers, cluster, edge, machine, history, secrets, clock, log },
    planOptions: {
      platform: `${platform()}-${arch()}`,
      pythons: defaultFirst(installed.interpreters),
      genericServer: versions,
      maxConfigFileBytes: policy.maxConfigFileBytes,
      localSteps: await findLocalSteps(installed.sandbox),
      r: await findR(),
    },
    serverVersions: versions,
    serverDirectory: installed.serverEnvironment.directory,
    close: async () => {
      edge.close();
      history.close();
    },
  };
}

/** What sandboxes, builds and sessions need of programs; only the first start takes long. */
async function install({ config, environment, log, onProgress }: EmbeddedParts) {
  const { dataDir } = config;
  const env = definedOnly(environment);
  const tools = await ensureTools({ dataDirectory: dataDir, env, log, onProgress });
  const ownBwrap = tools.bubblewrap === null ? [] : [tools.bubblewrap.path];
  const sandbox = createSandbox({
    dataDir,
    sandboxUid: config.sandboxUid,
    isolation: config.isolation,
    bwrapPaths: [...ownBwrap, ...SYSTEM_BWRAPS],
  });
  const { owner } = sandbox;
  const userId = owner.kind === "self" ? (process.getuid?.() ?? 0) : owner.uid;
  const { interpreters } = await findPythons({ dataDirectory: dataDir, env, userId });
  const python = interpreters.find(
    ({ version }) => compareVersions(version, SERVER_PYTHON_MIN) >= 0,
  );
  if (python === undefined) {
    const who = `user ${userId}, as whom sandboxes run`;
    throw new AppError(
      "tool-missing",
      `No Python ${SERVER_PYTHON_MIN} or newer is here for ${who}.`,
    );
  }
  const common = { dataDirectory: dataDir, uv: tools.uv.path, env, log, onProgress };
  const serverEnvironment = await ensureServerEnvironment({ ...common, python });
  return { uv: tools.uv.path, sandbox, interpreters, serverEnvironment, userId, env };
}

function createDrivers(
  { config, environment, log }: EmbeddedParts,
  { env, interpreters, sandbox, serverEnvironment, userId, uv }: Installed,
): Pick<ControlPlanePorts, "source" | "driver" | "builder"> {
  const { dataDir, policy } = config;
  const common = { dataDir, policy, log, clock: systemClock, secrets: systemSecrets };
  const { owner } = sandbox;
  const files = owner.kind === "self" ? {} : { owner: { uid: owner.uid, gid: owner.uid } };
  const source = createGitRepoSource({ ...common, env, ...files });
  const checkout: RepoSource["checkout"] = (repo, directory, signal) =>
    source.checkout(repo, directory, signal);
  const driver = createLocalSessionDriver({
    ...common,
    sandbox,
    checkout,
    serverCommand: (wish) =>
      serverCommand({
        ...wish,
        serverEnvironment,
        kernelIdleMs: policy.sessionIdleMs,
        allowOrigin: config.corsAllowOrigin || null,
        sharedAssets: `${ASSET_PREFIX}${basename(serverEnvironment.directory)}/`,
      }),
    interpreterDirectories: () => [
      ...new Set(interpreters.flatMap(({ directories }) => directories)),
    ],
  });
  const builder = createLocalBuilder({
    ...common,
    sandbox,
    checkout,
    uvPath: uv,
    findPython: (wish) => ensurePython({ ...wish, dataDirectory: dataDir, env, userId, uv, log }),
    findRattler: (wish) => ensureRattler({ ...wish, dataDirectory: dataDir, env, log }),
    env,
    egress: async (directory, allowHosts) => {
      const filter = createEgressFilter({ ...egressOptions(environment), ...common, allowHosts });
      const listener = await filter.listen(join(directory, "egress.sock"));
      return () => listener.close();
    },
  });
  return { source, driver, builder };
}

function definedOnly(environment: Environment): Record<string, string> {
  const entries = Object.entries(environment);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
}
