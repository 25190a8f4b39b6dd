/** Memory and disk: what is free, beside what a session and a build may take. */
import { existsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { dirname } from "node:path";
import { formatBytes } from "#base/units.ts";
import { createMachine } from "#drivers/system/machine.ts";
import type { Examination, Finding } from "./finding.ts";

export async function examineMemory({ config }: Examination): Promise<readonly Finding[]> {
  const { policy } = config;
  const free = await createMachine(config.dataDir).freeMemoryBytes();
  const isTight = free < policy.warmFreeMemoryMinBytes;
  const cores = availableParallelism();
  return [
    {
      part: "memory",
      state: isTight ? "limited" : "good",
      found: `${formatBytes(free)} of ${formatBytes(totalmem())} free, ${cores} cores`,
      meaning: isTight
        ? "No server is started before anybody asks, so that launches take longer."
        : `A session may take ${formatBytes(policy.sessionMemoryBytes)}; most take far less.`,
      remedy: isTight ? "End what you do not need." : null,
    },
  ];
}

export async function examineStorage({ config }: Examination): Promise<readonly Finding[]> {
  const { policy } = config;
  const place = existing(config.dataDir);
  const free = await createMachine(place).freeDiskBytes();
  const isFull = free < policy.freeDiskMinBytes;
  const isTight = free < policy.buildDiskBytes;
  return [
    {
      part: "disk",
      state: isFull ? "bad" : isTight ? "limited" : "good",
      found: `${formatBytes(free)} free where ${config.dataDir} lies`,
      meaning: isFull
        ? `Nothing is built or started with less than ${formatBytes(policy.freeDiskMinBytes)}.`
        : isTight
          ? `Large environments may not fit: one may take ${formatBytes(policy.buildDiskBytes)}.`
          : "Environments and sessions have room.",
      remedy:
        isFull || isTight ? "`bindery prune` removes environments that are not in use." : null,
    },
  ];
}

/** The directory itself, or the nearest one above it that exists. */
function existing(path: string): string {
  return existsSync(path) ? path : existing(dirname(path));
}
