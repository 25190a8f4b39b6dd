/** The watch over one machine's Bindery: a part that hangs is found, restarted and written down, by nobody's hand. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cause } from "#core/incident/finding.ts";
import type { Incident, IncidentState } from "#core/incident/incident.ts";
import { SECOND_MS } from "#base/units.ts";
import { type Ran, run } from "../fixtures/command-line.ts";
import {
  type Bindery,
  makeEmptyDir,
  removeServedDir,
  type Role,
  startAgain,
  startBindery,
} from "../fixtures/e2e-bindery.ts";
import { eventually } from "../fixtures/session-world.ts";

/** A process that has just begun is left in peace for some time, and one that is told to end may take some. */
const PATIENCE_MS = 120 * SECOND_MS;

let dataDir: string;
let bindery: Bindery;
let pager: Server;
const pages: unknown[] = [];

beforeAll(async () => {
  pager = createServer((request, response) => {
    void json(request).then((page) => {
      pages.push(page);
      response.end();
    });
  });
  await new Promise<void>((resolve) => pager.listen(0, "127.0.0.1", resolve));
  dataDir = await makeEmptyDir();
  bindery = await startBindery(dataDir, {
    opsIntervalMs: 200,
    opsAnswerTimeoutMs: 2_000,
    incidentGoodMs: 1_000,
    demandStallMs: 1_000,
    pagerUrl: `http://127.0.0.1:${(pager.address() as AddressInfo).port}/`,
  });
});
afterAll(async () => {
  await bindery?.stop();
  pager?.close();
  await removeServedDir(dataDir);
});

const here = (...words: readonly string[]): Promise<Ran> => run([...words, "--data-dir", dataDir]);

/** Whoever asks something that hangs must not hang himself. */
async function incidents(): Promise<readonly Incident[]> {
  const late = wait(5 * SECOND_MS, null, { ref: false });
  const view = await Promise.race([bindery.client.listIncidents().catch(() => null), late]);
  return view?.incidents ?? [];
}

function incidentOf(cause: Cause, state: IncidentState): Promise<Incident> {
  return eventually(
    async () =>
      (await incidents()).find((incident) => incident.cause === cause && incident.state === state),
    `${cause} is ${state}`,
    PATIENCE_MS,
  );
}

/** It is there, and does nothing any more. */
function hang(role: Role): number {
  const pid = bindery.child(role);
  process.kill(pid, "SIGSTOP");
  return pid;
}

test.each([
  ["control", "control-wedged", ["found", "acted", "gone", "resolved"]],
  // Nobody can get in: somebody is told at once.
  ["gateway", "edge-down", ["found", "paged", "acted", "gone", "resolved"]],
] as const)("the %s hangs: it is restarted, and the record says so", async (role, cause, life) => {
  const hanging = hang(role);
  const incident = await incidentOf(cause, "resolved");
  expect(bindery.child(role)).not.toBe(hanging);
  expect(incident.timeline.map(({ kind }) => kind)).toEqual(life);
  expect(incident.timeline).toContainEqual(
    expect.objectContaining({
      command: { kind: "restart-component", component: role },
      outcome: `${role} is restarted`,
    }),
  );

  const told = await here("incidents", incident.id);
  expect([told.code, told.error]).toEqual([0, ""]);
  expect(told.out).toContain(`docs/runbooks/${cause}.md`);
  const deed = `By the machine: restart-component ${role}. ${role} is restarted.`;
  expect(told.out).toContain(deed);
  expect((await here("audit", "--json")).json()).toContainEqual(
    expect.arrayContaining([
      expect.objectContaining({ actor: { kind: "machine", incident: incident.id } }),
    ]),
  );
});

test("only who must be woken is: for the door that is shut", () => {
  expect(pages).toEqual([{ incident: expect.stringMatching(/^edge-down-/), text: anyText() }]);
});

test("what was found and done is known when all of Bindery was killed and is started again", async () => {
  const before = await incidents();
  const audit = await bindery.client.readAudit();
  expect(before.map(({ cause }) => cause)).toEqual(["edge-down", "control-wedged"]);
  await bindery.killAll();
  bindery = await startAgain(bindery);
  expect(await incidents()).toEqual(before);
  expect((await bindery.client.readAudit()).records).toEqual(audit.records);
});

const anyText = (): unknown =>
  expect.stringContaining("none of the 1 replicas of the edge answers");
