/** What counts as served well: the first start of a server, and never silent for a minute. */
import { expect, it } from "vitest";
import type { LaunchView, LaunchWish } from "#core/launch/launch.ts";
import { LaunchTally } from "./launch-tally.ts";

const wish = { id: "l", buildOnly: false, isCanary: false, clientAddress: null } as LaunchWish;

it.each<[string, readonly number[], number, number, number]>([
  ["at once", [0], 5, 1, 1],
  ["never without a word for long", [0, 50, 100], 150, 1, 1],
  ["silent for long on the way", [0, 70], 80, 1, 0],
  ["silent for long at last", [0], 61, 1, 0],
  ["at the second start", [0], 5, 2, 0],
])("a session that came %s", (_title, heardAtS, endedAtS, attempts, firstTry) => {
  const tally = new LaunchTally();
  tally.accepted(wish);
  for (const second of heardAtS) tally.heard(wish.id, second * 1_000);
  const endedAtMs = endedAtS * 1_000;
  tally.ended(wish, { attempts, endedAtMs, failure: null } as LaunchView);
  expect(tally.counts()).toMatchObject({ asked: 1, ready: 1, readyFirstTry: firstTry });
  expect(tally.longestSilenceMs(endedAtMs + 1_000)).toBe(0);
});
