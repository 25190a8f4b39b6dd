/** Which Bindery a command speaks to, and with which token. */
import { readFileSync } from "node:fs";
import { dataDirPaths, type ServerNote } from "#app/data-dir.ts";
import { awaitServer, type ServerState } from "#app/server-finder.ts";
import { SECOND_MS } from "#base/units.ts";
import { AppError } from "#core/errors.ts";
import { configOf } from "../arguments/setting-flags.ts";
import { invalid } from "../arguments/parse-arguments.ts";
import type { Call } from "../command.ts";

export interface ServerAccess {
  /** Where this command reaches it; ends with a slash. */
  readonly baseUrl: string;
  /** Where people find it, for the addresses that are shown; ends with a slash. */
  readonly publicUrl: string;
  readonly token: string | null;
}

/** How long a command waits for a server that is being started by somebody else. */
const STARTING_WAIT_MS = 10 * SECOND_MS;

/** Errors: server-unreachable when none serves there, command-invalid for a bad `--server`. */
export async function findServer(call: Call): Promise<ServerAccess> {
  const named = call.flags.text("server");
  if (named !== null) return namedServer(named, call);
  const { dataDir } = configOf(call.flags, call.environment);
  const state = await awaitServer(dataDir, { waitMs: STARTING_WAIT_MS });
  return accessOf(state, dataDir, call);
}

/** Errors: server-unreachable. */
export function accessOf(state: ServerState, dataDir: string, call: Call): ServerAccess {
  switch (state.kind) {
    case "serving":
      return localServer(state.note, dataDir, call);
    case "starting":
      throw new AppError("server-unreachable", "Bindery is being started and does not serve yet.");
    case "absent":
      throw new AppError("server-unreachable", `No Bindery serves ${dataDir}.`);
  }
}

export function localServer(note: ServerNote, dataDir: string, call: Call): ServerAccess {
  return {
    baseUrl: withSlash(note.gatewayUrl || note.url),
    publicUrl: withSlash(note.url),
    token: readAdminToken(dataDir, call.environment["BINDERY_TOKEN"] || null),
  };
}

/** The data directory's token is for its own server: another one would learn it. */
function namedServer(text: string, { environment }: Call): ServerAccess {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw invalid("--server needs an address: --server https://bindery.example.org/.");
  }
  if (url.username !== "" || url.password !== "") {
    throw invalid("--server takes no user name or password; a token goes into BINDERY_TOKEN.");
  }
  url.search = "";
  url.hash = "";
  const address = withSlash(url.href);
  return { baseUrl: address, publicUrl: address, token: environment["BINDERY_TOKEN"] || null };
}

/** Who may not read the file may have been given a token; `given` is for another server otherwise. */
function readAdminToken(dataDir: string, given: string | null): string | null {
  const { adminToken } = dataDirPaths(dataDir);
  try {
    return readFileSync(adminToken, "utf8").trim();
  } catch (cause) {
    if (given !== null || (cause as NodeJS.ErrnoException).code === "ENOENT") return given;
    throw new AppError("data-dir-unusable", `The token in ${adminToken} cannot be read.`, {
      cause,
    });
  }
}

function withSlash(address: string): string {
  return address.endsWith("/") ? address : `${address}/`;
}
