/** Requests and messages per second through the gateway, beside the session alone and CHP. */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { LoadOrder, LoadResult } from "./gateway-load.ts";

const HTTP_CONNECTIONS = 32;
const MANY_ROUTES = 10_000;
const TICKS_PER_SECOND = 100;

interface Subject {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  readonly routes: number;
}

interface Sample {
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly cpuMicros: number;
  readonly failed: number;
}

const here = import.meta.dirname;
const children: ChildProcess[] = [];

function forkChild(file: string, args: readonly string[]): ChildProcess {
  const child = fork(join(here, file), args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  children.push(child);
  return child;
}

function messageOf<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as Message));
    child.once("exit", (code) => reject(new Error(`a child of the bench ended with ${code}`)));
  });
}

async function startGateway(name: string, routes: number, target: string): Promise<Subject> {
  const child = forkChild("gateway-subject.ts", [String(routes), target]);
  const { port } = await messageOf<{ port: number }>(child);
  return { name, port, pid: child.pid as number, routes };
}

async function startProxy(name: string, routes: number, backendPort: number): Promise<Subject> {
  const [port, apiPort] = [await freePort(), await freePort()];
  const program = join(
    here,
    "../../node_modules/configurable-http-proxy/bin/configurable-http-proxy",
  );
  const flags = ["--ip", "127.0.0.1", "--port", String(port), "--api-ip", "127.0.0.1"];
  const child = spawn(
    process.execPath,
    [program, ...flags, "--api-port", String(apiPort), "--log-level", "error"],
    // It writes two lines for every connection that is cut.
    { stdio: "ignore", env: { CONFIGPROXY_AUTH_TOKEN: "bench" } },
  );
  children.push(child);
  await Promise.all([untilOpen(port), untilOpen(apiPort)]);
  const target = `http://127.0.0.1:${backendPort}`;
  for (let index = 0; index < routes; index += 1) {
    const answer = await fetch(`http://127.0.0.1:${apiPort}/api/routes/user/session-${index}`, {
      method: "POST",
      headers: { authorization: "token bench" },
      body: JSON.stringify({ target }),
    });
    if (answer.status !== 201) throw new Error(`the proxy refused a route: ${answer.status}`);
  }
  return { name, port, pid: child.pid as number, routes };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    void import("node:net").then(({ createServer }) => {
      const server = createServer().listen(0, "127.0.0.1", () => {
        const address = server.address();
        server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
      });
    });
  });
}

async function untilOpen(port: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (isOpen) return;
  }
  throw new Error(`nothing listens on port ${port}`);
}

async function measure(
  subject: Subject,
  order: Omit<LoadOrder, "port" | "paths">,
): Promise<Sample> {
  const before = cpuTicks(subject.pid);
  const whole: LoadOrder = { ...order, port: subject.port, paths: subject.routes };
  const outcome = await messageOf<LoadResult>(
    forkChild("gateway-load.ts", [JSON.stringify(whole)]),
  );
  const cpuSeconds = (cpuTicks(subject.pid) - before) / TICKS_PER_SECOND;
  return {
    perSecond: outcome.count / (outcome.durationMs / 1_000),
    p99Ms: outcome.p99Ms,
    cpuMicros: (cpuSeconds * 1e6) / outcome.count,
    failed: outcome.failed,
  };
}

/** User and system time of the process so far. */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

function memoryMb(pid: number): number {
  const match = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Math.round(Number(match?.[1] ?? 0) / 1_024);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

interface Row {
  readonly subject: string;
  readonly load: string;
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly cpuMicros: number;
  readonly failed: number;
  /** Before the load, all routes known. */
  readonly memoryMb: number;
  readonly memoryAfterMb: number;
}

async function run(rounds: number, durationMs: number, directory: string): Promise<readonly Row[]> {
  const socketPath = join(directory, "backend.sock");
  const backend = forkChild("gateway-backend.ts", [socketPath]);
  const { port: backendPort } = await messageOf<{ port: number }>(backend);
  const alone = { name: "session alone", port: backendPort, pid: backend.pid as number, routes: 1 };
  const subjects: readonly Subject[] = [
    alone,
    await startGateway("gateway", 1, socketPath),
    await startGateway("gateway, 10,000 routes", MANY_ROUTES, socketPath),
    await startGateway("gateway, session by TCP", 1, String(backendPort)),
    await startProxy("CHP", 1, backendPort),
    await startProxy("CHP, 10,000 routes", MANY_ROUTES, backendPort),
  ];
  const loads = [
    { name: "HTTP 1 kB, 32", order: { kind: "http", connections: HTTP_CONNECTIONS, durationMs } },
    { name: "WebSocket, 1", order: { kind: "websocket", connections: 1, durationMs } },
    { name: "WebSocket, 100", order: { kind: "websocket", connections: 100, durationMs } },
  ] as const;
  const rows: Row[] = [];
  for (const load of loads) {
    const measured = load.order.kind === "http" ? subjects : subjects.filter((s) => s.routes === 1);
    const idleMb = new Map(measured.map((subject) => [subject, memoryMb(subject.pid)]));
    const samples = new Map<Subject, Sample[]>(measured.map((subject) => [subject, []]));
    for (const subject of measured) await measure(subject, load.order);
    for (let round = 0; round < rounds; round += 1) {
      for (const subject of measured)
        samples.get(subject)?.push(await measure(subject, load.order));
    }
    for (const [subject, taken] of samples) {
      rows.push(rowOf(subject, load.name, taken, idleMb.get(subject) ?? 0));
    }
  }
  return rows;
}

function rowOf(subject: Subject, load: string, samples: readonly Sample[], idleMb: number): Row {
  return {
    subject: subject.name,
    load,
    perSecond: Math.round(median(samples.map((sample) => sample.perSecond))),
    p99Ms: median(samples.map((sample) => sample.p99Ms)),
    cpuMicros: Math.round(median(samples.map((sample) => sample.cpuMicros)) * 10) / 10,
    failed: samples.reduce((sum, sample) => sum + sample.failed, 0),
    memoryMb: idleMb,
    memoryAfterMb: memoryMb(subject.pid),
  };
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
  },
});
const directory = await mkdtemp(join(tmpdir(), "bindery-bench-"));
try {
  const rows = await run(Number(values.rounds), Number(values.seconds) * 1_000, directory);
  if (values.json) console.log(JSON.stringify(rows, null, 2));
  else console.table(rows);
} finally {
  for (const child of children) child.kill();
  await rm(directory, { recursive: true, force: true });
}
