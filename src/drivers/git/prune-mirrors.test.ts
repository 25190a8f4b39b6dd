/** Mirrors go when the disk's share is used up, the least recently used first, never one in use. */
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { HOUR_MS, KIB } from "#base/units.ts";
import { pruneMirrors } from "./prune-mirrors.ts";

const NOW_MS = Date.UTC(2026, 0, 1);
let dataDir = "";
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "bindery-prune-"));
});
afterEach(() => rm(dataDir, { recursive: true }));

async function mirror(name: string, usedHoursAgo: number): Promise<void> {
  const path = join(dataDir, "mirrors", name);
  await mkdir(join(path, "objects"), { recursive: true });
  await writeFile(join(path, "objects", "pack"), Buffer.alloc(64 * KIB, 1));
  await writeFile(join(path, "HEAD"), "ref: refs/heads/none\n");
  const usedAt = (NOW_MS - usedHoursAgo * HOUR_MS) / 1_000;
  await utimes(join(path, "HEAD"), usedAt, usedAt);
}

const left = async () => (await readdir(join(dataDir, "mirrors"))).toSorted();
const prune = (bytesMax: number) => pruneMirrors({ dataDir, bytesMax, nowMs: NOW_MS });

it("removes nothing while there is room", async () => {
  await mirror("a.git", 30);
  expect(await prune(1_024 * KIB)).toBe(0);
  expect(await left()).toEqual(["a.git"]);
});

it("removes the least recently used ones until the rest fits", async () => {
  await mirror("new.git", 2);
  await mirror("old.git", 30);
  await mirror("older.git", 40);
  expect(await prune(150 * KIB)).toBeGreaterThanOrEqual(64 * KIB);
  expect(await left()).toEqual(["new.git", "old.git"]);
});

it("keeps what was used within the hour, whatever the limit", async () => {
  await mirror("used.git", 0.5);
  await mirror("old.git", 2);
  await prune(0);
  expect(await left()).toEqual(["used.git"]);
});

it("finishes what a killed prune began, and removes half-made mirrors first", async () => {
  await mirror("a.git", 2);
  await mkdir(join(dataDir, "mirrors", "b.git.gone"));
  await mkdir(join(dataDir, "mirrors", "c.git", "objects"), { recursive: true });
  await writeFile(join(dataDir, "mirrors", "c.git", "objects", "x"), Buffer.alloc(64 * KIB, 1));
  await prune(100 * KIB);
  expect(await left()).toEqual(["a.git"]);
});
