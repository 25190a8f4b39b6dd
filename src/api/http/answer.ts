/** What a route answers, as a value: the server turns it into bytes. */
import type { Failure } from "#core/errors.ts";

type Headers = Readonly<Record<string, string>>;

export type Answer =
  | { readonly kind: "json"; readonly status: number; readonly body: unknown; headers?: Headers }
  | {
      readonly kind: "bytes";
      readonly status: number;
      readonly contentType: string;
      readonly bytes: string | Buffer;
      headers?: Headers;
    }
  | { readonly kind: "failure"; readonly failure: Failure; headers?: Headers }
  | { readonly kind: "redirect"; readonly location: string }
  | { readonly kind: "empty"; readonly status: number }
  /** The route writes to the connection itself. */
  | { readonly kind: "taken" };

export function json(body: unknown, status = 200): Answer {
  return { kind: "json", status, body };
}

export function refuse(failure: Failure): Answer {
  return { kind: "failure", failure };
}

export function text(content: string, headers: Headers = {}): Answer {
  const contentType = "text/plain; charset=utf-8";
  return { kind: "bytes", status: 200, contentType, bytes: content, headers };
}
