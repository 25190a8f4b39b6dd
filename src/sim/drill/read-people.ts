/** Who comes to a drill: rates and bursts, shares of repositories, and how people behave. */
import { MINUTE_MS } from "#base/units.ts";
import type { Arrivals, RatePoint, RepoShare } from "./drill.ts";
import type { DrillPath } from "./drill-source.ts";
import { parseDuration, parseRate, parseShare } from "./quantities.ts";
import type { Reader } from "./reader.ts";
import type { RawArrivals } from "./schema.ts";

const PATIENCE_MS = 10 * MINUTE_MS;
const RETRIES = 1;
const NO_ARRIVALS: Arrivals["when"] = { kind: "rate", points: [] };

export function readArrivals(raw: RawArrivals, path: DrillPath, reader: Reader): Arrivals {
  return {
    when: readWhen(raw, path, reader),
    repos: readRepoShares(raw.repos, [...path, "repos"], reader),
    length: reader.distribution([...path, "length"], raw.length, null),
    polling: readPolling(raw.polling, [...path, "polling"], reader),
    patienceMs: reader.duration([...path, "patience"], raw.patience, PATIENCE_MS),
    retries: raw.retries ?? RETRIES,
    isWatching: raw.watching ?? false,
  };
}

function readWhen(raw: RawArrivals, path: DrillPath, reader: Reader): Arrivals["when"] {
  if ((raw.rate === undefined) === (raw.burst === undefined)) {
    reader.complain(path, "People come either at a rate or in a burst: give one of the two.");
    return NO_ARRIVALS;
  }
  if (raw.burst !== undefined && raw.counted !== undefined)
    reader.complain([...path, "counted"], "A burst is counted anyway.");
  if (raw.burst !== undefined) return readBurst(raw.burst, [...path, "burst"], reader);
  const points = (raw.rate ?? []).map(
    ([at, rate], index): RatePoint => ({
      atMs: reader.duration([...path, "rate", index], at, 0),
      perHour: reader.rate([...path, "rate", index], rate, 0),
    }),
  );
  const isOutOfOrder = points.some((point, index) => point.atMs < (points[index - 1]?.atMs ?? 0));
  if (isOutOfOrder)
    reader.complain([...path, "rate"], "The points of a rate are in order of time.");
  if (raw.counted === undefined) return { kind: "rate", points };
  const countedPerMs = reader.duration([...path, "counted"], raw.counted, 0);
  if (countedPerMs <= 0)
    reader.complain([...path, "counted"], "People are counted per span of time.");
  return { kind: "rate", points, countedPerMs };
}

function readBurst(text: string, path: DrillPath, reader: Reader): Arrivals["when"] {
  const match = /^(\d+)(?: within (\S+))? at (\S+)$/.exec(text);
  const atMs = parseDuration(match?.[3] ?? "");
  const withinMs = parseDuration(match?.[2] ?? "0s");
  if (match === null || atMs === null || withinMs === null) {
    return reader.wrong(path, "a burst such as `110 within 60s at 10m`", text, NO_ARRIVALS);
  }
  return { kind: "burst", people: Number(match[1]), atMs, withinMs };
}

function readRepoShares(
  raw: RawArrivals["repos"],
  path: DrillPath,
  reader: Reader,
): readonly RepoShare[] {
  if (typeof raw === "string") return [{ repo: raw, share: 1, zipf: null }];
  const shares = Object.entries(raw).map(([repo, text]) =>
    readShare(repo, text, [...path, repo], reader),
  );
  const sum = shares.reduce((before, { share }) => before + share, 0);
  if (Math.abs(sum - 1) > 0.001) {
    reader.complain(
      path,
      `The shares of the repositories add up to ${Math.round(sum * 1_000) / 10}%, not to 100%.`,
    );
  }
  return shares;
}

function readShare(repo: string, text: string, path: DrillPath, reader: Reader): RepoShare {
  const match = /^(\S+?%)(?: zipf\((\d+)\))?$/.exec(text);
  const share = parseShare(match?.[1] ?? "");
  if (match === null || share === null) {
    return reader.wrong(path, "a share such as 60%, or 40% zipf(200)", text, {
      repo,
      share: 0,
      zipf: null,
    });
  }
  const zipf = match[2] === undefined ? null : Number(match[2]);
  if (zipf === 0) reader.complain(path, "zipf(0) is nobody.");
  return { repo, share, zipf };
}

function readPolling(
  text: string | undefined,
  path: DrillPath,
  reader: Reader,
): Arrivals["polling"] {
  if (text === undefined) return null;
  const match = /^(\S+) for (\S+)$/.exec(text);
  const perHour = parseRate(match?.[1] ?? "");
  const forMs = parseDuration(match?.[2] ?? "");
  if (perHour === null || forMs === null) {
    return reader.wrong(path, "polling such as `0.5/s for 10m`", text, null);
  }
  return { perHour, forMs };
}
