/** The few words that the driver speaks with a session's server; what it answers is not trusted. */
import { type ClientRequest, request } from "node:http";
import type { Duplex } from "node:stream";
import { connectPinned } from "./pinned-socket.ts";

const ANSWER_BYTES_MAX = 1024 * 1024;

export interface ServerQuestion {
  readonly socket: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Value of the Authorization header. */
  readonly authorization: string;
  readonly timeoutMs: number;
}

export type ServerAnswer =
  | { readonly kind: "answered"; readonly status: number; readonly body: string }
  /** It is not there, did not answer in time, or said too much. */
  | { readonly kind: "silent"; readonly because: string };

/** Never rejects. */
export function askServer(question: ServerQuestion): Promise<ServerAnswer> {
  return new Promise((resolve) => {
    const silent = (because: string): void => resolve({ kind: "silent", because });
    let asked: ClientRequest;
    const timer = setTimeout(() => {
      silent("no answer in time");
      asked?.destroy();
    }, question.timeoutMs);
    try {
      asked = request({
        method: question.method,
        path: question.path,
        headers: { Host: "bindery", Authorization: question.authorization, "Content-Length": 0 },
        createConnection: (): Duplex => connectPinned(question.socket),
      });
    } catch (error) {
      clearTimeout(timer);
      silent(String(error));
      return;
    }
    asked.on("close", () => clearTimeout(timer));
    asked.on("error", (error) => silent(error.message));
    asked.on("response", (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
        if (body.length > ANSWER_BYTES_MAX) {
          silent("the answer is too long");
          asked.destroy();
        }
      });
      response.on("error", (error) => silent(error.message));
      response.on("end", () =>
        resolve({ kind: "answered", status: response.statusCode ?? 0, body }),
      );
    });
    asked.end();
  });
}

/** True when a kernel computes, or a terminal did something a moment ago. */
export async function isServerBusy(
  ask: (path: string) => Promise<ServerAnswer>,
  nowMs: number,
): Promise<boolean> {
  const [kernels, terminals] = await Promise.all([ask("api/kernels"), ask("api/terminals")]);
  return (
    entriesOf(kernels).some((kernel) => kernel["execution_state"] === "busy") ||
    entriesOf(terminals).some((terminal) => wasActive(terminal["last_activity"], nowMs))
  );
}

const TERMINAL_QUIET_MS = 60_000;

function wasActive(lastActivity: unknown, nowMs: number): boolean {
  const atMs = typeof lastActivity === "string" ? Date.parse(lastActivity) : Number.NaN;
  return Math.abs(nowMs - atMs) < TERMINAL_QUIET_MS;
}

function entriesOf(answer: ServerAnswer): readonly Record<string, unknown>[] {
  if (answer.kind !== "answered" || answer.status !== 200) return [];
  try {
    const parsed: unknown = JSON.parse(answer.body);
    return Array.isArray(parsed)
      ? parsed.filter((entry) => typeof entry === "object" && entry !== null)
      : [];
  } catch {
    // The server belongs to the repository: it may answer anything, and then it says nothing.
    return [];
  }
}
