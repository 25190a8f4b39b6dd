/** Wakes somebody: a line of the log, and a request to an address that the operator chose. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { SECOND_MS } from "#base/units.ts";
import { AppError } from "#core/errors.ts";
import type { Log } from "#ports/log.ts";
import type { Pager } from "#ports/platform.ts";

const TIMEOUT_MS = 10 * SECOND_MS;
const TRIES = 3;
const AGAIN_MS = 30 * SECOND_MS;
/** Pages that are under way; more of them say nothing more. */
const UNDER_WAY_MAX = 10;

/** `url` empty: only the log. Errors: config-setting-invalid. */
export function createPager(
  url: string,
  log: Log,
  timers: { readonly setTimer: (delayMs: number, callback: () => void) => () => void },
): Pager {
  const address = addressOf(url);
  let underWay = 0;
  const send = async (body: string, triesLeft: number): Promise<void> => {
    if (address === null) return;
    try {
      await post(address, body);
    } catch (error) {
      log.warn("nobody could be paged", { error, triesLeft: triesLeft - 1 });
      if (triesLeft <= 1) return;
      await new Promise<void>((resolve) => void timers.setTimer(AGAIN_MS, resolve));
      await send(body, triesLeft - 1);
    }
  };
  return {
    page(incident, text) {
      log.error(text, { incident, isPage: true });
      if (address === null || underWay >= UNDER_WAY_MAX) return;
      underWay += 1;
      void send(JSON.stringify({ incident, text }), TRIES).finally(() => {
        underWay -= 1;
      });
    },
  };
}

function addressOf(url: string): URL | null {
  if (url === "") return null;
  const address = URL.canParse(url) ? new URL(url) : null;
  if (address !== null && ["http:", "https:"].includes(address.protocol)) return address;
  throw new AppError("config-setting-invalid", "pagerUrl must be an address: https://….");
}

function post(address: URL, body: string): Promise<void> {
  const request = address.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = request(
      address,
      {
        method: "POST",
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
      (response) => {
        response.resume();
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve();
        else reject(new Error(`the pager answered with status ${status}`));
      },
    );
    sent.once("error", reject);
    sent.end(body);
  });
}
