/** Sends requests and reads answers; knows nothing of what they mean. */
import type { Failure } from "#core/errors.ts";
import { FailureError, unreachable } from "./failure-error.ts";

export interface ClientOptions {
  /** `http://127.0.0.1:8585`, with the base path if there is one. */
  readonly baseUrl: string;
  /** The admin token, a page's, or a session's. */
  readonly token?: string;
  /** The platform's, or one of the same form that connects to a UNIX socket. */
  readonly fetch: (address: string, request: RequestInit) => Promise<Answered>;
  /** Resolves after `delayMs`, or rejects at once when aborted. */
  readonly wait: (delayMs: number, signal?: AbortSignal) => Promise<void>;
}

/** As much of an answer as is used. */
export type Answered = Pick<Response, "ok" | "status" | "body" | "json" | "text">;

export interface Ask {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: object;
  readonly signal?: AbortSignal | undefined;
  readonly accept?: string;
}

export class Transport {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  wait(delayMs: number, signal?: AbortSignal): Promise<void> {
    return this.#options.wait(delayMs, signal);
  }

  /** The answer's JSON. Throws `FailureError` for every other answer. */
  async json<T>(ask: Ask): Promise<T> {
    const response = await this.send(ask);
    return (await readBody(response, this.#options.baseUrl, (body) => body.json())) as T;
  }

  async text(ask: Ask): Promise<string> {
    const response = await this.send(ask);
    return await readBody(response, this.#options.baseUrl, (body) => body.text());
  }

  /** The answer before its body is read. Throws `FailureError` unless it is a success. */
  async send({ method = "GET", path, body, signal, accept }: Ask): Promise<Answered> {
    const { baseUrl, token } = this.#options;
    const headers: Record<string, string> = { accept: accept ?? "application/json" };
    if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    const request: RequestInit = { method, headers };
    if (body !== undefined) request.body = JSON.stringify(body);
    if (signal !== undefined) request.signal = signal;
    let response: Answered;
    try {
      response = await this.#options.fetch(`${baseUrl.replace(/\/$/, "")}${path}`, request);
    } catch (error) {
      signal?.throwIfAborted();
      throw unreachable(baseUrl, error);
    }
    if (response.ok) return response;
    throw await failureOf(response, baseUrl);
  }
}

async function readBody<T>(
  response: Answered,
  baseUrl: string,
  read: (response: Answered) => Promise<T>,
): Promise<T> {
  try {
    return await read(response);
  } catch (error) {
    throw unreachable(baseUrl, error);
  }
}

/** What is not in our form comes from a proxy before us: the API itself did not answer. */
async function failureOf(response: Answered, baseUrl: string): Promise<FailureError> {
  const status = `it answered with status ${response.status}`;
  try {
    const body: unknown = await response.json();
    if (isErrorBody(body)) return new FailureError(body.error);
    return unreachable(baseUrl, status);
  } catch {
    return unreachable(baseUrl, status); // No JSON: nothing of ours said this.
  }
}

function isErrorBody(body: unknown): body is { readonly error: Failure } {
  if (typeof body !== "object" || body === null || !("error" in body)) return false;
  const { error } = body;
  return typeof error === "object" && error !== null && "code" in error && "message" in error;
}
