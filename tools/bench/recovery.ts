/** From a SIGKILL of each part to serving again, and how long a start takes. */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { startGitServer } from "../../test/fixtures/git-server.ts";
import { ask, ok } from "./harness/ask.ts";
import { freePort } from "./harness/bare-lab.ts";
import type { Bench, Stage, Table } from "./harness/bench.ts";
import { type Bindery, makeDataDir, ROOT, startBindery } from "./harness/bindery.ts";
import { type Launched, launch } from "./harness/launch.ts";
import { endNow, idleServerArguments, proxyArguments, startNode } from "./harness/node-program.ts";
import { isAlive } from "./harness/processes.ts";
import { STUB_TREE } from "./harness/stub-repository.ts";
import { until } from "./harness/until.ts";

const SESSIONS = 10;
const REPOSITORY = "bench/stub";
const BACK_TIMEOUT_MS = 30 * SECOND_MS;
/** A question that was asked of a dying process must not be waited for. */
const QUESTION_TIMEOUT_MS = 2 * SECOND_MS;
/** Past the time in which a second death is answered with a delay. */
const STEADY_MS = 11 * SECOND_MS;

export const recoveryBench: Bench = {
  name: "recovery",
  summary: `SIGKILL of each part, with ${SESSIONS} sessions, to serving again; the second start`,
  limitMs: 8 * MINUTE_MS,
  run,
};

async function run(stage: Stage): Promise<readonly Table[]> {
  const git = await startGitServer();
  stage.defer(() => git.stop());
  const repository = await git.repository(REPOSITORY);
  await repository.commit(STUB_TREE);
  const dataDir = await makeDataDir(stage);
  const settings = { warmServersMax: 0, port: await freePort() };
  let bindery = await startBindery(stage, settings, dataDir);
  const repo = git.url(REPOSITORY);
  const launches = await Promise.all(
    Array.from({ length: SESSIONS }, () => launch(bindery, { repo })),
  );
  const taken = newTimes();
  for (let round = 1; round <= stage.rounds; round += 1) {
    await pause(STEADY_MS, undefined, { signal: stage.signal });
    taken.control.push(await killControl(stage, bindery));
    taken.gateway.push(await killGateway(stage, bindery, launches));
    process.kill(bindery.supervisorPid, "SIGKILL");
    const startedMs = performance.now();
    bindery = await startBindery(stage, settings, dataDir);
    taken.supervisor.push(performance.now() - startedMs);
    await answering(stage, bindery, launches);
    taken.session.push(performance.now() - startedMs);
    await adopted(bindery, launches);
    taken.start.push(await startAgain(stage, bindery));
    taken.npm.push(await startByNpm(stage, bindery));
    bindery = await startBindery(stage, settings, dataDir);
    const [port, apiPort] = [await freePort(), await freePort()];
    taken.proxy.push(await startBeside(stage, proxyArguments({ port, apiPort }), port));
    taken.node.push(await startBeside(stage, idleServerArguments(port), port));
    stage.say(
      `${round}: ${Object.entries(taken)
        .map(([name, ms]) => `${name} ${ms.at(-1)?.toFixed(0)}`)
        .join(", ")}`,
    );
  }
  return [tableOf(taken)];
}

function newTimes() {
  const empty = (): number[] => [];
  return {
    control: empty(),
    gateway: empty(),
    supervisor: empty(),
    session: empty(),
    start: empty(),
    npm: empty(),
    proxy: empty(),
    node: empty(),
  };
}

function tableOf(taken: ReturnType<typeof newTimes>): Table {
  return {
    title: `Killed with SIGKILL, ${SESSIONS} sessions, or started again`,
    unit: "ms",
    better: "less",
    against: null,
    rows: [
      { what: "control killed → the API answers", samples: taken.control, aim: "≤ 1000" },
      { what: "gateway killed → all sessions answer", samples: taken.gateway, aim: "≤ 1000" },
      { what: "all killed, `serve` → it serves", samples: taken.supervisor, aim: "≤ 1000" },
      { what: "all killed, `serve` → all sessions answer", samples: taken.session, aim: "≤ 1000" },
      { what: "`serve` again after an orderly end", samples: taken.start },
      { what: "`npm start` again, until it serves", samples: taken.npm, aim: "≤ 2000" },
      { what: "beside it: configurable-http-proxy, from its start", samples: taken.proxy },
      { what: "beside it: a Node server that does nothing", samples: taken.node },
    ],
  };
}

async function killControl(stage: Stage, bindery: Bindery): Promise<number> {
  process.kill(bindery.pid("control"), "SIGKILL");
  const killedMs = performance.now();
  await until(() => apiAnswers(bindery), back(stage, "the API answers again"));
  return performance.now() - killedMs;
}

async function apiAnswers(bindery: Bindery): Promise<object | null> {
  const headers = { authorization: `Bearer ${bindery.token}` };
  const url = `${bindery.url}/api/v1/limits`;
  return await ok({ url, headers, timeoutMs: QUESTION_TIMEOUT_MS });
}

async function killGateway(
  stage: Stage,
  bindery: Bindery,
  launches: readonly Launched[],
): Promise<number> {
  process.kill(bindery.pid("gateway"), "SIGKILL");
  const killedMs = performance.now();
  await answering(stage, bindery, launches);
  return performance.now() - killedMs;
}

async function answering(
  stage: Stage,
  bindery: Bindery,
  launches: readonly Launched[],
): Promise<void> {
  for (const { path, token } of launches) {
    const headers = { authorization: `token ${token}` };
    const question = { url: `${bindery.url}${path}`, headers, timeoutMs: QUESTION_TIMEOUT_MS };
    await until(() => ok(question), back(stage, "a session answers again"));
  }
}

/** Nothing was lost: every session is known again. */
async function adopted(bindery: Bindery, launches: readonly Launched[]): Promise<void> {
  const sessions = await bindery.client.listSessions();
  const running = new Set(
    sessions.filter(({ state }) => state.kind === "running").map(({ id }) => id),
  );
  const lost = launches.filter(({ sessionId }) => !running.has(sessionId));
  if (lost.length > 0) throw new Error(`${lost.length} sessions were lost`);
}

async function startAgain(stage: Stage, bindery: Bindery): Promise<number> {
  await bindery.stop();
  const again = await startBindery(stage, bindery.settings, bindery.dataDir);
  await again.stop();
  return again.startedInMs;
}

/** As a person types it; the page is what a person looks at. */
async function startByNpm(stage: Stage, { dataDir, settings, url }: Bindery): Promise<number> {
  const words = ["start", "--silent", "--", "--data-dir", dataDir, "--port", `${settings.port}`];
  const startedMs = performance.now();
  const child = spawn("npm", words, { cwd: ROOT, stdio: "ignore", detached: true });
  stage.defer(() => endGroup(stage, child));
  await until(
    () => ok({ url: `${url}/`, timeoutMs: QUESTION_TIMEOUT_MS }),
    back(stage, "it serves"),
  );
  const servesMs = performance.now() - startedMs;
  await endGroup(stage, child);
  return servesMs;
}

/** npm, its shell and Bindery. */
async function endGroup(stage: Stage, child: ChildProcess): Promise<void> {
  const group = child.pid ?? 0;
  if (!isAlive(-group)) return;
  process.kill(-group, "SIGTERM");
  await until(() => !isAlive(-group), back(stage, "npm start ends"));
}

/** To its first answer, whatever it says. */
async function startBeside(stage: Stage, args: readonly string[], port: number): Promise<number> {
  const startedMs = performance.now();
  const child = startNode(stage, args);
  const answers = async () => await ask({ url: `http://127.0.0.1:${port}/` }).catch(() => null);
  await until(answers, back(stage, "it answers"));
  const answeredMs = performance.now() - startedMs;
  await endNow(child);
  return answeredMs;
}

function back(stage: Stage, what: string) {
  return { what, deadlineMs: BACK_TIMEOUT_MS, signal: stage.signal } as const;
}
