/** The client of the API, on this platform's network and timers. */
import { setTimeout as wait } from "node:timers/promises";
import { type Client, createClient } from "#client/client.ts";
import type { Call } from "../command.ts";
import { findServer, type ServerAccess } from "./server-access.ts";

export function connect({ baseUrl, token }: ServerAccess): Client {
  return createClient({
    baseUrl,
    ...(token === null ? {} : { token }),
    fetch,
    wait: async (delayMs, signal) => {
      await wait(delayMs, undefined, signal === undefined ? {} : { signal });
    },
  });
}

/** The client of the server that the call means. Errors: server-unreachable. */
export async function connectTo(call: Call): Promise<Client> {
  return connect(await findServer(call));
}
