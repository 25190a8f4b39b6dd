/** Other Node programs that measurements stand beside: the usual proxy, and a server that does nothing. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import type { Stage } from "./bench.ts";

const require = createRequire(import.meta.url);
const PROXY = require.resolve("configurable-http-proxy/bin/configurable-http-proxy");

/** Arguments of Node for configurable-http-proxy. */
export function proxyArguments(at: {
  readonly port: number;
  readonly apiPort: number;
  readonly target?: string;
}): readonly string[] {
  const { apiPort, port, target } = at;
  const flags = ["--ip", "127.0.0.1", "--port", `${port}`, "--api-port", `${apiPort}`];
  const rest = target === undefined ? [] : ["--default-target", target];
  return [PROXY, ...flags, ...rest, "--log-level", "error"];
}

/** Arguments of Node for a server that gives every request an empty answer. */
export function idleServerArguments(port: number): readonly string[] {
  const script = `require("node:http").createServer((_, r) => r.end()).listen(${port}, "127.0.0.1")`;
  return ["-e", script];
}

/** Ended at the end, if not before. */
export function startNode(stage: Stage, args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, args, {
    stdio: "ignore",
    env: { CONFIGPROXY_AUTH_TOKEN: "bench" },
  });
  stage.defer(() => endNow(child));
  return child;
}

export async function endNow(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
