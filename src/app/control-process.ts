/** The control plane's process: the world of one machine, the decisions, and the API in front. */
import { get } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { HOUR_MS, SECOND_MS } from "#base/units.ts";
import { createApi } from "#api/create-api.ts";
import { Metrics } from "#api/metrics/metrics.ts";
import { createControlPlane } from "#control/control-plane.ts";
import { AppError } from "#core/errors.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { FromChild } from "./child-messages.ts";
import type { ChildMain } from "./child.ts";
import type { Config } from "./config.ts";
import { adminToken, dataDirPaths, holdDataDir } from "./data-dir.ts";
import { openEmbeddedWorld } from "./embedded.ts";
import { preloadPaths } from "./preload-paths.ts";
import { binderyVersion } from "./version.ts";
import { createWatchedDesk } from "./watch/watched-desk.ts";

/** A predecessor that was told to go may need a moment. */
const HOLD_PATIENCE_MS = 5 * SECOND_MS;
const HOLD_INTERVAL_MS = 50;

export const main: ChildMain = async ({ config, gatewayUrl, hear, log, tell }) => {
  if (gatewayUrl === null) throw new Error("the control plane is started after the gateway");
  await holdAlone(config.dataDir);
  const paths = dataDirPaths(config.dataDir);
  const token = await adminToken(paths);
  const world = await openEmbeddedWorld({
    config,
    gatewayUrl,
    environment: process.env,
    log,
    onProgress: (line) => tell({ kind: "progress", line }),
  });
  const metrics = new Metrics({ withProcess: true });
  const publicUrl = config.publicUrl || `${gatewayUrl}/`;
  const controlPlane = createControlPlane(
    { ...world.ports, history: metrics.counted(world.ports.history) },
    { policy: config.policy, planOptions: world.planOptions, publicUrl },
  );
  const { operations } = controlPlane;
  const setTimer: Clock["setTimer"] = (delayMs, callback) =>
    world.ports.clock.setTimer(delayMs, callback);
  hear((message) => {
    if (message.kind === "ask-lag") void tellLag(metrics, tell);
  });
  const api = createApi({
    controlPlane,
    operator: createWatchedDesk({ operations, tell, hear, setTimer }),
    policy: config.policy,
    clock: world.ports.clock,
    secrets: world.ports.secrets,
    log,
    metrics,
    options: apiOptions(config, {
      adminToken: token,
      serverVersions: world.serverVersions,
      preloadPaths: await preloadPaths(world.serverDirectory),
      gatewayMetrics: () => readGatewayMetrics(paths.gatewaySocket),
    }),
  });
  await controlPlane.start();
  await api.listen(paths.apiSocket);
  tell({ kind: "serving" });
  logStart(log, gatewayUrl);
  return async () => {
    await api.close();
    await controlPlane.stop();
    await world.close();
  };
};

function apiOptions(
  config: Config,
  given: {
    readonly adminToken: string;
    readonly serverVersions: Readonly<Record<string, string>>;
    readonly preloadPaths: readonly string[];
    readonly gatewayMetrics: () => Promise<string>;
  },
) {
  const { corsAllowOrigin, publicUrl, rateLimitPerHour } = config;
  const limit = { limit: rateLimitPerHour, periodMs: HOUR_MS };
  return {
    ...given,
    // Pages and builds that were open before a restart go on: the secret must be the same then.
    pageTokenSecret: given.adminToken,
    corsAllowOrigin: corsAllowOrigin || null,
    publicUrl: publicUrl ? new URL(publicUrl).origin : null,
    baseUrl: "/",
    version: binderyVersion(),
    webDirectory: join(import.meta.dirname, "../../web"),
    rateLimit: rateLimitPerHour > 0 ? limit : null,
    // On one's own machine a link of another site must not start anything by itself.
    confirmForeignLinks: publicUrl === "",
    bannerHtml: "",
    aboutMessage: "",
  };
}

/** Two control planes must not decide for one directory, not even for a moment. */
async function holdAlone(dataDir: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < HOLD_PATIENCE_MS; waitedMs += HOLD_INTERVAL_MS) {
    if (await holdDataDir(dataDir, "control")) return;
    await new Promise((resolve) => setTimeout(resolve, HOLD_INTERVAL_MS));
  }
  throw new AppError("data-dir-taken", `Another control plane still works in ${dataDir}.`);
}

function readGatewayMetrics(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ socketPath, path: "/metrics" }, (response) => {
      text(response).then(resolve, reject);
    });
    request.once("error", reject);
  });
}

async function tellLag(metrics: Metrics, tell: (message: FromChild) => void): Promise<void> {
  const lagMs = await metrics.loopLagMs();
  if (lagMs !== null) tell({ kind: "lag", lagMs });
}

function logStart(log: Log, url: string): void {
  log.info("the control plane serves", { url });
}
