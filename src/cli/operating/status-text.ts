/** The status of everything in a few lines: what is well is short. */
import { formatDuration } from "#base/units.ts";
import type { OperatorStatus } from "#core/operations/status.ts";

const NODES_SHOWN = 10;

/** What it is, and how it is. */
export function statusRows(status: OperatorStatus): readonly (readonly [string, string])[] {
  const { atMs, builds, nodes, sinceMs } = status;
  const unwell = nodes.filter(({ health }) => health !== "healthy");
  const more = unwell.length - NODES_SHOWN;
  return [
    ["control", `decides for ${formatDuration(atMs - sinceMs)}`],
    ["seats", seatsText(status)],
    ["launches", launchesText(status)],
    [
      "builds",
      `${builds.running} of ${builds.slots} slots, ${builds.queued} wait${hostsText(status)}`,
    ],
    ["machines", machinesText(status)],
    ...unwell
      .slice(0, NODES_SHOWN)
      .map(({ health, node }) => ["", `${node.name}: ${health}`] as const),
    ...(more > 0 ? [["", `and ${more} more: bindery nodes`] as const] : []),
    ["loops", loopsText(status)],
  ];
}

function seatsText({ capacity, seats }: OperatorStatus): string {
  const { max, ready, used, waitEstimateErrorMedian: error, waiting } = seats;
  const { pending, placeholders } = capacity;
  return list([
    `${used} of ${max} used`,
    `${ready} ready`,
    waiting > 0 && `${waiting} people wait`,
    waiting > 0 && typeof error === "number" && `told waits are off by ${percent(error)}`,
    pending > 0 && `${pending} without a machine`,
    placeholders.wanted > 0 &&
      `${placeholders.running} of ${placeholders.wanted} held for people to come`,
  ]);
}

function launchesText({ launches }: OperatorStatus): string {
  const { asked, failedByPlatform, failedOtherwise, longestSilenceMs, ready, readyFirstTry } =
    launches;
  const { refused, underWay } = launches;
  return list([
    `${underWay} under way`,
    underWay > 0 && `the longest silence is ${formatDuration(longestSilenceMs)}`,
    `${asked} asked for so far`,
    `${ready} ready`,
    ready > 0 && `${percent(readyFirstTry / ready)} of them at the first try`,
    failedByPlatform > 0 && `${failedByPlatform} failed by our fault`,
    failedOtherwise > 0 && `${failedOtherwise} failed otherwise`,
    refused > 0 && `${refused} refused`,
  ]);
}

function hostsText({ builds: { failuresByHost } }: OperatorStatus): string {
  const hosts = Object.entries(failuresByHost).map(([host, repos]) => `${host} (${repos})`);
  return hosts.length === 0 ? "" : `; repositories failed because of ${hosts.join(", ")}`;
}

function machinesText({ capacity, nodes }: OperatorStatus): string {
  const serving = nodes.filter(({ node }) => node.isReady && node.bars.length === 0).length;
  const { nodeBootMs, nodesComing, nodesMax } = capacity;
  return list([
    `${nodes.length} of at most ${nodesMax}`,
    `${serving} take sessions`,
    nodesComing > 0 &&
      `${nodesComing} coming${nodeBootMs === null ? "" : ` (${formatDuration(nodeBootMs)} each)`}`,
  ]);
}

function loopsText({ atMs, loops }: OperatorStatus): string {
  const stalled = loops
    .filter(({ isStalled }) => isStalled)
    .map(
      ({ lastProgressAtMs, name, restarts }) =>
        `${name} made no progress for ${formatDuration(atMs - lastProgressAtMs)}, restarted ${restarts} times`,
    );
  const oldest = loops.toSorted((a, b) => a.lastProgressAtMs - b.lastProgressAtMs)[0];
  const late =
    oldest === undefined || stalled.length > 0
      ? false
      : `the longest without progress is ${oldest.name}, ${formatDuration(Math.max(0, atMs - oldest.lastProgressAtMs))}`;
  return list([stalled.length === 0 && `${loops.length} are well`, late, ...stalled]);
}

function list(parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false).join(", ");
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
