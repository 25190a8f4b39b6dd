/** The gateway as the bench runs it: alone in its process, with as many routes as asked for. */
import { performance } from "node:perf_hooks";
import { DEFAULT_POLICY } from "#core/policy.ts";
import { createGateway } from "#gateway/gateway.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { Route, RouteSource } from "#ports/route-source.ts";

const [routeCount = "1", target = ""] = process.argv.slice(2);

const clock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
const silence = () => undefined;
const log: Log = { debug: silence, info: silence, warn: silence, error: silence };

const all = new Map<string, Route>();
for (let index = 0; index < Number(routeCount); index += 1) {
  const sessionId = `session-${index}`;
  all.set(sessionId, {
    sessionId,
    target: target.startsWith("/")
      ? { kind: "unix", path: target }
      : { kind: "tcp", host: "127.0.0.1", port: Number(target) },
    isStarting: false,
    egressSocket: null,
  });
}
const routes: RouteSource = {
  list: () => Promise.resolve([...all.values()]),
  find: (id) => Promise.resolve(all.get(id) ?? null),
  noteActivity: silence,
  onHint: () => silence,
};

const api = { socketPath: "/nonexistent/api.sock" };
const gateway = createGateway({ routes, clock, log, api, policy: DEFAULT_POLICY });
const { port } = await gateway.listen({ host: "127.0.0.1", port: 0 });
process.send?.({ port });
process.on("SIGINT", () => process.exit(0));
