/** A drill that is played is the same run as one that is not. */
import { expect, it } from "vitest";
import { parseDrill } from "../drill/parse-drill.ts";
import { runDrill } from "../drill/run-drill.ts";
import { Play, replay } from "./play.ts";

const TEXT = `drill: tiny
title: A disk fills up
incident: null
story: A disk fills up.
starts: 2026-03-02T10:00:00+01:00
lasts: 20m
world:
  cluster: { nodes: 4, seatsPerNode: 20, nodesMax: 5 }
people:
  arrivals:
    - rate: [[0h, 240/h]]
      repos: { a: 50%, b: 50% }
      length: exp(10m)
events:
  - { at: 5m, fault: node.disk, with: { node: emptiest } }
must:
  - { name: nobody is refused, measure: refusals, is: 0 }
`;

function wish() {
  const parsed = parseDrill({ name: "tiny", text: TEXT }, () => null);
  if (parsed.kind !== "drill") throw new Error(JSON.stringify(parsed.complaints));
  return { drill: parsed.drill, seed: 1, without: [] };
}

async function playedIn(steps: readonly number[]) {
  const play = await Play.open(wish());
  for (let n = 0; play.leftMs > 0; n += 1) {
    await play.status().catch(() => "nobody decides yet");
    await play.step(Math.min(play.leftMs, steps[n % steps.length] ?? 1));
  }
  return play;
}

it.each([[[1_200_000]], [[7_001, 53, 119_999]]])("in steps of %j", async (steps) => {
  const { drill, ...options } = wish();
  const { traceHash } = await runDrill(drill, options);
  expect((await playedIn(steps)).run().traceHash).toBe(traceHash);
});

it("says that nobody decides yet", async () => {
  const play = await Play.open(wish());
  await expect(play.status()).rejects.toMatchObject({ failure: { code: "server-restarting" } });
  await play.step(30_000);
  expect(await play.status()).toMatchObject({ nodes: { length: 4 } });
  expect(play.record().looks).toEqual([
    { atMs: 0, incidents: [], isSilent: true },
    { atMs: 30_000, incidents: [], isSilent: false },
  ]);
});

it("with commands between the steps, once and again", async () => {
  const play = await Play.open(wish());
  await play.step(123_457);
  const outcome = play.command({ kind: "cordon-node", node: "node-2", isForced: false }, "ada", "");
  const other = play.command({ kind: "set-nodes-max", nodesMax: 7 }, "ada", "a crowd");
  await play.step(60_000);
  expect([await outcome, await other]).toMatchObject([{ kind: "done" }, { kind: "done" }]);
  await play.step(600_000);
  const record = play.record();
  expect(record).toMatchObject({
    playedMs: 783_457,
    moves: [{ atMs: 123_457 }, { atMs: 123_457, evidence: "a crowd" }],
  });
  const again = await replay(wish().drill, record);
  expect(again.traceHash).toBe(play.run().traceHash);
  const without = await replay(wish().drill, { ...record, moves: [] });
  expect(without.traceHash).not.toBe(again.traceHash);
});
