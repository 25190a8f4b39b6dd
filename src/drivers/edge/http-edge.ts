/** Looks at sessions as people do: by HTTP through the gateway. */
import { Pool } from "undici";
import { SECOND_MS } from "#base/units.ts";
import type { Edge } from "#ports/edge.ts";

const PROBE_TIMEOUT_MS = 10 * SECOND_MS;
const REDIRECTS_MAX = 4;

export interface HttpEdge extends Edge {
  close(): Promise<void>;
}

/** `gatewayUrl` is where the gateway listens, e.g. `http://127.0.0.1:8585`. */
export function createHttpEdge(gatewayUrl: string): HttpEdge {
  const pool = new Pool(gatewayUrl, {
    connections: 64,
    headersTimeout: PROBE_TIMEOUT_MS,
    bodyTimeout: PROBE_TIMEOUT_MS,
  });

  async function statusOf(path: string, token: string): Promise<Answer> {
    const headers = { authorization: `token ${token}`, accept: "text/html" };
    const answer = await pool.request({ method: "GET", path, headers });
    await answer.body.dump();
    const { location } = answer.headers;
    return { status: answer.statusCode, location: typeof location === "string" ? location : null };
  }

  return {
    async probe(id, token) {
      const base = `/user/${id}/`;
      let path = base;
      try {
        for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
          const { status, location } = await statusOf(path, token);
          if (status === 200) return { kind: "answers" };
          const next = location === null ? null : new URL(location, new URL(path, gatewayUrl));
          if (status < 300 || status >= 400 || next === null) return silent(`status ${status}`);
          if (!next.pathname.startsWith(base)) return silent("it redirects away from the session");
          path = next.pathname + next.search;
        }
        return silent("it redirects in circles");
      } catch (error) {
        return silent(error instanceof Error ? error.message : "unknown");
      }
    },
    close: () => pool.close(),
  };
}

interface Answer {
  readonly status: number;
  readonly location: string | null;
}

function silent(because: string) {
  return { kind: "silent", because } as const;
}
