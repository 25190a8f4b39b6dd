/** The smallest HTTP client that measures: a new connection for every question, as a first click has. */
import { type IncomingHttpHeaders, request } from "node:http";

export interface Question {
  /** An address, or a path on a UNIX socket. */
  readonly url: string;
  readonly socketPath?: string;
  readonly method?: "GET" | "POST" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const TIMEOUT_MS = 30_000;

export function ask(question: Question): Promise<Answer> {
  const { body, headers, method = "GET", socketPath, timeoutMs = TIMEOUT_MS } = question;
  const url = new URL(question.url, "http://localhost");
  const at = socketPath === undefined ? { host: url.hostname, port: url.port } : { socketPath };
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asked = request({
      ...at,
      method,
      path: url.pathname + url.search,
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        host: url.host,
        ...(text === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
    });
    asked.on("error", reject);
    asked.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    asked.end(text);
  });
}

/** The answer when it is a 200, and null for every other and for none. */
export async function ok(question: Question): Promise<Answer | null> {
  try {
    const answer = await ask(question);
    return answer.status === 200 ? answer : null;
  } catch {
    return null; // Nobody listens yet.
  }
}
