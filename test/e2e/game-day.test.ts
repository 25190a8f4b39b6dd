/** A game day from its beginning to its score, and the same once more from what was recorded. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Incident } from "#core/incident/incident.ts";
import type { AuditRecord } from "#core/operations/command.ts";
import type { NodeStatus } from "#core/operations/status.ts";
import type { GameScore } from "#sim/game/score.ts";
import { type Ran, run, start, type Started } from "../fixtures/command-line.ts";
import { eventually } from "../fixtures/session-world.ts";

/** Nothing of Bindery's finds the machine here: somebody has to. */
const WITHOUT = "node-reports,node-probes,node-outcomes";
const DRILL = `
drill: full-disk
title: One machine of four has no space left
incident: null
story: A disk fills and stays full; somebody on duty has to find out which.
simulatedOnly: [cluster, people, edge]
starts: 2018-03-26T10:00:00Z
lasts: 24h
world:
  cluster: { nodes: 4, seatsPerNode: 60, nodesMax: 6, imagePull: 25s }
  sessions: { running: 40, length: exp(10m) }
policy:
  scaleDownAfterMs: unlimited
people:
  arrivals:
    - rate: [[0h, 480/h]]
      repos: { all: 100% zipf(50) }
      length: exp(10m)
events:
  - { at: 10m, fault: node.disk, with: { node: emptiest, free: 0% } }
must:
  - { name: launches come to a session, measure: launch-success, atLeast: 50% }
except:
  D: Nothing that would find it is left on.
  M: It takes a person as long as it takes.
`;

interface Outcome {
  readonly score: GameScore;
  readonly isWhole: boolean;
}

let place: string;
let game: Started;
let server: { readonly url: string; readonly token: string };

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "bindery-game-"));
  writeFileSync(join(place, "full-disk.yaml"), DRILL);
  game = drill("--serve", "--pace", "300", "--without", WITHOUT, "--record", "game.json");
  await game.until(/"kind":"serving"/);
  server = JSON.parse(game.text().out.split("\n")[0] ?? "");
});
afterAll(() => {
  game?.child.kill("SIGKILL");
  rmSync(place, { recursive: true, force: true });
});

function drill(...words: readonly string[]): Started {
  const options = { environment: process.env, workingDirectory: place };
  return start(["drill", "full-disk.yaml", ...words, "--json"], options);
}

async function bindery(...words: readonly string[]): Promise<Ran> {
  const environment = { BINDERY_TOKEN: server.token };
  return await run([...words, "--server", server.url], { environment });
}

async function seen<T>(...words: readonly string[]): Promise<readonly T[]> {
  const ran = await bindery(...words, "--json");
  expect(ran.error).toBe("");
  return ran.json()[0] as readonly T[];
}

const incidentIs = (state: Incident["state"]) =>
  eventually(
    async () => {
      const incidents = await seen<Incident>("incidents");
      return incidents.length > 0 && incidents.every((incident) => incident.state === state);
    },
    `the incident is ${state}`,
    120_000,
  );

test("whoever is on duty sees what is wrong, says what it is, ends it, and is scored", async () => {
  await incidentIs("open");
  const status = await bindery("status");
  expect(status.out).toContain("launches-failing");
  const nodes = await seen<NodeStatus>("nodes");
  const full = nodes.find(({ node }) => node.diskFreeRatio === 0)?.node.name ?? "";
  expect((await bindery("do", "declare", "node-dns", full)).code).toBe(0);
  expect((await bindery("do", "declare", "node-disk-full", full)).code).toBe(0);
  const aside = await bindery("do", "quarantine-node", full, "--as", "ada", "--because", "full");
  expect(aside.out).toMatch(/is put aside/);
  await incidentIs("resolved");

  const audit = await seen<AuditRecord>("audit");
  expect(audit).toContainEqual(
    expect.objectContaining({
      ...{ command: { kind: "quarantine-node", node: full }, evidence: "full" },
      actor: { kind: "person", name: "ada" },
    }),
  );
  const launch = await bindery("build", "https://git.example/a/b");
  expect(launch.error).toContain("only operators' commands");

  game.child.kill("SIGINT");
  const ended = await game.ended;
  expect(ended.code).toBe(130);
  const { isWhole, score } = ended.json().at(-1) as Outcome;
  expect(isWhole).toBe(false);
  expect(score).toMatchObject({ pointsMax: 100, commands: 1 });
  const [fault] = score.faults;
  expect(fault).toMatchObject({ fault: "node.disk", causes: ["node-disk-full"], wrongDeclares: 1 });
  const { cause, detect, mitigate, resolve } = fault?.stages ?? {};
  for (const stage of [detect, cause, mitigate, resolve])
    expect(stage).toMatchObject({ afterMs: expect.any(Number), by: "person" });
});

test("the same commands at the same times lead to the same", async () => {
  const again = await drill("--replay", "game.json").ended;
  expect([again.code, again.error]).toEqual([130, ""]);
  expect(again.json().at(-1)).toEqual((await game.ended).json().at(-1));
});
