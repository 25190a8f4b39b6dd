/** The gateway's process: people's door, the sessions' filtered way out, and numbers for the API. */
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { AppError, failureOf } from "#core/errors.ts";
import { createLocalRouteSource } from "#drivers/local/session/route-source.ts";
import { systemClock } from "#drivers/system/clock.ts";
import type { Gateway } from "#gateway/gateway-options.ts";
import { createGateway } from "#gateway/gateway.ts";
import type { ChildMain } from "./child.ts";
import { dataDirPaths } from "./data-dir.ts";
import { egressOptions } from "./egress-options.ts";
import { renderGatewayMetrics } from "./gateway-metrics-text.ts";
import { describePortOwner } from "./port-owner.ts";

export const main: ChildMain = async ({ config, log, tell }) => {
  const paths = dataDirPaths(config.dataDir);
  const routes = createLocalRouteSource({ dataDir: config.dataDir, clock: systemClock, log });
  const gateway = createGateway({
    routes,
    clock: systemClock,
    log,
    api: { socketPath: paths.apiSocket },
    policy: config.policy,
    allowedHosts: [...words(config.allowedHosts), ...hostOf(config.publicUrl)],
    trustedProxies: words(config.trustedProxies),
    serverAssets: {
      directory: join(config.dataDir, "server"),
      cacheDirectory: join(config.dataDir, "asset-cache"),
    },
    egress: egressOptions(process.env),
  });
  const { url } = await listen(gateway, config);
  const metrics = await serveMetrics(gateway, paths.gatewaySocket);
  tell({ kind: "listening", url });
  return async () => {
    metrics.close();
    await gateway.close();
  };
};

async function listen(gateway: Gateway, at: { readonly host: string; readonly port: number }) {
  try {
    return await gateway.listen(at);
  } catch (error) {
    if (failureOf(error).code !== "port-taken") throw error;
    const owner = await describePortOwner(at.port);
    throw new AppError("port-taken", owner, { cause: error });
  }
}

/** On a socket of its own: the control plane shows the gateway's numbers beside its own. */
async function serveMetrics(gateway: Gateway, socketPath: string) {
  await rm(socketPath, { force: true });
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
    response.end(renderGatewayMetrics(gateway.metrics()));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, resolve);
  });
  return server;
}

function words(list: string): string[] {
  return list.split(/[\s,]+/).filter((word) => word !== "");
}

function hostOf(publicUrl: string): string[] {
  return URL.canParse(publicUrl) ? [new URL(publicUrl).hostname] : [];
}
