/** Looks at sessions as people do: by HTTP through the gateway. */
import { Agent, get } from "node:http";
import { SECOND_MS } from "#base/units.ts";
import type { Edge } from "#ports/edge.ts";

const PROBE_TIMEOUT_MS = 10 * SECOND_MS;
const CONNECTIONS_MAX = 64;
const REDIRECTS_MAX = 4;

export interface HttpEdge extends Edge {
  close(): void;
}

interface Answer {
  readonly status: number;
  readonly location: string | null;
}

/** `gatewayUrl` is where the gateway listens, e.g. `http://127.0.0.1:8585`. */
export function createHttpEdge(gatewayUrl: string): HttpEdge {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_MAX });
  return {
    async probe(id, token) {
      const base = `/user/${id}/`;
      let url = new URL(base, gatewayUrl);
      try {
        for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
          const { status, location } = await ask(url, token, agent);
          if (status === 200) return { kind: "answers" };
          if (status < 300 || status >= 400 || location === null) return silent(`status ${status}`);
          const next = new URL(location, url);
          if (!next.pathname.startsWith(base)) return silent("it redirects away from the session");
          url = new URL(next.pathname + next.search, gatewayUrl);
        }
        return silent("it redirects in circles");
      } catch (error) {
        return silent(error instanceof Error ? error.message : "unknown");
      }
    },
    close: () => agent.destroy(),
  };
}

function ask(url: URL, token: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `token ${token}`, accept: "text/html" };
    const request = get(url, { agent, headers, timeout: PROBE_TIMEOUT_MS }, (response) => {
      response.resume();
      const { statusCode = 0, headers: answered } = response;
      response.once("error", reject);
      response.once("end", () => {
        resolve({ status: statusCode, location: answered.location ?? null });
      });
    });
    request.once("timeout", () => request.destroy(new Error("it did not answer in time")));
    request.once("error", reject);
  });
}

function silent(because: string) {
  return { kind: "silent", because } as const;
}
