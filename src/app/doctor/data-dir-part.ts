/** The data directory: whether it can be used, and who uses it. */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { currentOwner } from "#drivers/local/sandbox/owner.ts";
import { whyUnreachable } from "#drivers/local/tools/reachable.ts";
import { serverOf } from "../server-finder.ts";
import type { Examination, Finding } from "./finding.ts";

const OTHER_DIRECTORY = "Give another one with --data-dir.";

export async function examineDataDir({ config }: Examination): Promise<readonly Finding[]> {
  const { dataDir } = config;
  const part = "data directory";
  const problem = whyUnusable(dataDir) ?? (await whyClosed(config));
  if (problem !== null) {
    const meaning = "Bindery cannot keep anything there.";
    return [{ part, state: "bad", found: problem, meaning, remedy: OTHER_DIRECTORY }];
  }
  if (!existsSync(dataDir)) {
    const meaning = "The first start makes it.";
    return [{ part, state: "good", found: `${dataDir} (not there yet)`, meaning, remedy: null }];
  }
  const server = await serverOf(dataDir);
  const meaning = {
    absent: "No Bindery serves it now.",
    starting: "A Bindery that serves it is being started.",
    serving: `It is served at ${server.kind === "serving" ? server.note.url : ""}.`,
  }[server.kind];
  return [{ part, state: "good", found: dataDir, meaning, remedy: null }];
}

function whyUnusable(path: string): string | null {
  const place = existing(path);
  if (!statSync(place).isDirectory()) return `${place} is no directory`;
  try {
    accessSync(place, constants.R_OK | constants.W_OK | constants.X_OK);
    return null;
  } catch {
    return `${place} cannot be written`;
  }
}

/** As root, sandboxes run as another user, who must be able to walk to the directory. */
async function whyClosed({ dataDir, sandboxUid }: Examination["config"]): Promise<string | null> {
  const owner = currentOwner(sandboxUid);
  if (owner.kind === "self") return null;
  return await whyUnreachable(existing(dataDir), owner.uid);
}

function existing(path: string): string {
  return existsSync(path) ? path : existing(dirname(path));
}
