/** One machine: which driver stands behind which port. */
import { arch, platform } from "node:os";
import type { ControlPlanePorts } from "#control/control-plane.ts";
import { AppError } from "#core/errors.ts";
import type { PlanOptions } from "#core/environment/plan-environment.ts";
import { createHttpEdge } from "#drivers/edge/http-edge.ts";
import { createGitRepoSource } from "#drivers/git/git-repo-source.ts";
import { createLocalBuilder } from "#drivers/local/build/local-builder.ts";
import { serverCommand } from "#drivers/local/jupyter/server-command.ts";
import {
  ensureServerEnvironment,
  removeOtherServerEnvironments,
} from "#drivers/local/jupyter/server-environment.ts";
import { readServerVersions } from "#drivers/local/jupyter/server-versions.ts";
import { createSandbox } from "#drivers/local/sandbox/sandbox.ts";
import { createLocalSessionDriver } from "#drivers/local/session/session-driver.ts";
import { ensureTools } from "#drivers/local/tools/ensure-tools.ts";
import { compareVersions, findPythons } from "#drivers/local/tools/pythons.ts";
import { createSqliteHistory } from "#drivers/sqlite/history.ts";
import { systemClock } from "#drivers/system/clock.ts";
import { createMachine } from "#drivers/system/machine.ts";
import { systemSecrets } from "#drivers/system/secrets.ts";
import { createEgressFilter } from "#gateway/egress.ts";
import type { Log } from "#ports/log.ts";
import type { Config, Environment } from "./config.ts";
import { dataDirPaths } from "./data-dir.ts";
import { egressOptions } from "./egress-options.ts";

export interface EmbeddedWorld {
  readonly ports: ControlPlanePorts;
  readonly planOptions: PlanOptions;
  /** What sessions run: name and version. */
  readonly serverVersions: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

const SERVER_PYTHON_MIN = "3.10";

export async function openEmbeddedWorld(parts: {
  readonly config: Config;
  readonly gatewayUrl: string;
  readonly environment: Environment;
  readonly log: Log;
  readonly onProgress: (line: string) => void;
}): Promise<EmbeddedWorld> {
  const { config, environment, gatewayUrl, log, onProgress } = parts;
  const { dataDir, policy } = config;
  const clock = systemClock;
  const secrets = systemSecrets;
  const env = definedOnly(environment);

  const tools = await ensureTools({ dataDirectory: dataDir, env, log, onProgress });
  const sandbox = createSandbox({
    dataDir,
    sandboxUid: config.sandboxUid,
    isolation: config.isolation,
    bwrapPaths: [tools.bubblewrap?.path ?? "", "/usr/bin/bwrap", "/usr/local/bin/bwrap"].filter(
      (path) => path !== "",
    ),
  });
  const { owner } = sandbox;
  const userId = owner.kind === "self" ? (process.getuid?.() ?? 0) : owner.uid;
  const { interpreters } = await findPythons({ dataDirectory: dataDir, env, userId });
  const python = interpreters.find(
    ({ version }) => compareVersions(version, SERVER_PYTHON_MIN) >= 0,
  );
  if (python === undefined) {
    throw new AppError(
      "tool-missing",
      `Python ${SERVER_PYTHON_MIN} or newer is needed, and one that user ${userId} can run; none was found.`,
    );
  }
  const serverEnvironment = await ensureServerEnvironment({
    dataDirectory: dataDir,
    uv: tools.uv.path,
    python,
    env,
    log,
    onProgress,
  });

  const source = createGitRepoSource({
    dataDir,
    policy,
    log,
    env,
    ...(owner.kind === "self" ? {} : { owner: { uid: owner.uid, gid: owner.uid } }),
  });
  const checkout: typeof source.checkout = (repo, directory, signal) =>
    source.checkout(repo, directory, signal);
  const driver = createLocalSessionDriver({
    dataDir,
    sandbox,
    policy,
    clock,
    secrets,
    log,
    checkout,
    serverCommand: (wish) =>
      serverCommand({
        ...wish,
        serverEnvironment,
        kernelIdleMs: policy.sessionIdleMs,
        allowOrigin: config.corsAllowOrigin || null,
      }),
    interpreterDirectories: () => [
      ...new Set(interpreters.flatMap(({ directories }) => directories)),
    ],
  });
  const egress = createEgressFilter({ ...egressOptions(environment), clock, log });
  const builder = createLocalBuilder({
    dataDir,
    sandbox,
    uvPath: tools.uv.path,
    interpreters,
    policy,
    clock,
    secrets,
    log,
    env,
    checkout,
    egress: (path: string) => egress.listen(path),
  });
  const edge = createHttpEdge(gatewayUrl);
  const history = createSqliteHistory({ path: dataDirPaths(dataDir).history, clock, log });
  const machine = createMachine(dataDir);
  return {
    ports: { source, builder, driver, edge, machine, history, secrets, clock, log },
    planOptions: {
      platform: `${platform()}-${arch()}`,
      pythons: interpreters.map(({ version }) => version),
      genericServer: readServerVersions(),
      maxConfigFileBytes: policy.maxConfigFileBytes,
    },
    serverVersions: readServerVersions(),
    close: async () => {
      await edge.close();
      history.close();
    },
  };
}

function definedOnly(environment: Environment): Record<string, string> {
  const entries = Object.entries(environment);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
}
