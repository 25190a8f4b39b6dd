/** Requests to a UNIX socket, without the memory that the platform's own `fetch` takes. */
import { request } from "node:http";
import type { Answered } from "#client/transport.ts";

/** In the form of `fetch`; what of the address names the host is left away. */
export function socketFetch(
  socketPath: string,
): (address: string, init: RequestInit) => Promise<Answered> {
  return (address, { body, headers, method, signal }) =>
    new Promise((resolve, reject) => {
      const { pathname, search } = new URL(address);
      const asked = request(
        {
          socketPath,
          path: `${pathname}${search}`,
          method: method ?? "GET",
          headers: headers as Record<string, string>,
          ...(signal && { signal }),
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.once("error", reject);
          response.once("end", () => {
            resolve(answered(response.statusCode ?? 0, Buffer.concat(chunks).toString()));
          });
        },
      );
      asked.once("error", reject);
      asked.end(body);
    });
}

function answered(status: number, text: string): Answered {
  return {
    ok: status >= 200 && status < 300,
    status,
    body: null,
    text: () => Promise.resolve(text),
    json: () => new Promise((resolve) => resolve(JSON.parse(text))),
  };
}
