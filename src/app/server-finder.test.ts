/** Finding the server of a directory, with real holds and notes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { dataDirPaths, holdDataDir, prepareDataDir, writeServerNote } from "./data-dir.ts";
import { awaitServer, serverOf } from "./server-finder.ts";

// Held until this process ends: a directory removed earlier could give its number to the next one.
const roots: string[] = [];
let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bindery-finder-"));
  roots.push(root);
  prepareDataDir(root);
});
afterAll(() => {
  for (const each of roots) rmSync(each, { recursive: true });
});

const note = (pid: number) => ({
  url: "http://127.0.0.1:1/",
  gatewayUrl: "http://127.0.0.1:1",
  pid,
  version: "1",
});

async function deadPid(): Promise<number> {
  const child = spawn("true");
  await once(child, "exit");
  return child.pid ?? 0;
}

describe("the server of a data directory", () => {
  it("is absent when nobody holds the directory, whatever was left in it", async () => {
    expect(await serverOf(join(root, "nowhere"))).toEqual({ kind: "absent" });
    await writeServerNote(dataDirPaths(root), note(process.pid));
    expect(await serverOf(root)).toEqual({ kind: "absent" });
  });

  it("is starting when the directory is held and its note is missing or of a dead process", async () => {
    expect(await holdDataDir(root, "supervisor")).toBe(true);
    expect(await serverOf(root)).toEqual({ kind: "starting" });
    await writeServerNote(dataDirPaths(root), note(await deadPid()));
    expect(await serverOf(root)).toEqual({ kind: "starting" });
  });

  it("is waited for while it starts, and found when it serves", async () => {
    await holdDataDir(root, "supervisor");
    const found = awaitServer(root, {
      waitMs: 5_000,
      onStarting: () => void writeServerNote(dataDirPaths(root), note(process.pid)),
    });
    expect(await found).toEqual({ kind: "serving", note: note(process.pid) });
  });

  it("is not waited for when there is none", async () => {
    expect(await awaitServer(root, { waitMs: 60_000 })).toEqual({ kind: "absent" });
  });
});
