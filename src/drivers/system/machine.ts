/** What the machine has left, from the kernel. */
import { readFile, statfs } from "node:fs/promises";
import { freemem } from "node:os";
import { KIB } from "#base/units.ts";
import type { Machine } from "#ports/machine.ts";

/** `dataDir` names the file system whose free space counts. */
export function createMachine(dataDir: string): Machine {
  return {
    async freeMemoryBytes() {
      const text = await readFile("/proc/meminfo", "utf8");
      const available = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
      return available === undefined ? freemem() : Number(available) * KIB;
    },
    async freeDiskBytes() {
      const { bavail, bsize } = await statfs(dataDir);
      return bavail * bsize;
    },
  };
}
