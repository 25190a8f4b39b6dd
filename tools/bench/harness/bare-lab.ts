/** JupyterLab as a person starts it without Bindery: the alternative that launches are compared with. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Stage } from "./bench.ts";
import { ok } from "./ask.ts";
import { firstKernelReply } from "./kernel.ts";
import { until } from "./until.ts";

const START_TIMEOUT_MS = 60_000;

export interface Started {
  readonly labMs: number;
  readonly kernelMs: number;
}

/** `python -m jupyterlab` of an environment, from its start to the page and to a kernel's reply. */
export async function startBareLab(
  stage: Stage,
  environment: string,
  directory: string,
): Promise<Started> {
  const port = await freePort();
  const token = "bench";
  const startedMs = performance.now();
  const child = spawn(
    join(environment, "bin/python"),
    [
      ...["-m", "jupyterlab", "--no-browser", "--allow-root", `--port=${port}`],
      ...["--ServerApp.port_retries=0", `--IdentityProvider.token=${token}`],
      `--ServerApp.root_dir=${directory}`,
    ],
    {
      stdio: "ignore",
      cwd: directory,
      env: {
        PATH: `${environment}/bin:${process.env["PATH"] ?? ""}`,
        HOME: directory,
        LANG: "C.UTF-8",
      },
    },
  );
  try {
    return await untilReady({ stage, base: `http://127.0.0.1:${port}/`, token, startedMs });
  } finally {
    await end(child);
  }
}

/** Looks for the page until it is there, then asks a kernel. */
async function untilReady(server: {
  readonly stage: Stage;
  readonly base: string;
  readonly token: string;
  readonly startedMs: number;
}): Promise<Started> {
  const { base, stage, startedMs, token } = server;
  const headers = { authorization: `token ${token}`, accept: "text/html" };
  await until(() => ok({ url: `${base}lab`, headers }), {
    what: "JupyterLab answers",
    deadlineMs: START_TIMEOUT_MS,
    signal: stage.signal,
    everyMs: 10,
  });
  const labMs = performance.now() - startedMs;
  await firstKernelReply(base, token);
  return { labMs, kernelMs: performance.now() - startedMs };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  // Politely: the server ends its kernels.
  child.kill("SIGTERM");
  const insist = setTimeout(() => child.kill("SIGKILL"), START_TIMEOUT_MS);
  await gone;
  clearTimeout(insist);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
