/** The tokens in our pages: one for our own API, one that BinderHub's clients pass to `/build`. */
import { createHmac } from "node:crypto";
import type { Clock } from "#ports/clock.ts";
import { signClaims, verifyClaims } from "./signed-token.ts";

const BUILD_TOKEN_MS = 5 * 60_000;
const PAGE_TOKEN_MS = 60 * 60_000;
const PAGE_AUDIENCE = "launch";
/** A build token of the start page is for whatever is typed there. */
const ANY_SPEC = "*";

export class PageTokens {
  readonly #buildSecret: string;
  readonly #pageSecret: string;
  readonly #clock: Clock;

  /** Each kind has a key of its own: no token of one kind passes for one of the other. */
  constructor(secret: string, clock: Clock) {
    const keyOf = (kind: string) => createHmac("sha256", secret).update(kind).digest("hex");
    this.#buildSecret = keyOf("build token");
    this.#pageSecret = keyOf("page token");
    this.#clock = clock;
  }

  /** Lets a page of ours submit launches for an hour; the page asks for the next one in time. */
  page(): string {
    const exp = this.#inSeconds(PAGE_TOKEN_MS);
    return signClaims({ aud: PAGE_AUDIENCE, exp }, this.#pageSecret);
  }

  isPage(token: string): boolean {
    const claims = verifyClaims(token, this.#pageSecret, this.#clock.nowMs());
    return claims?.aud === PAGE_AUDIENCE;
  }

  /** `providerSpec` is `<provider>/<spec>` as in the address, null for any; `origin` a host. */
  build(providerSpec: string | null, origin: string): string {
    const exp = this.#inSeconds(BUILD_TOKEN_MS);
    return signClaims({ aud: providerSpec ?? ANY_SPEC, exp, origin }, this.#buildSecret);
  }

  isBuild(token: string, providerSpec: string, origin: string): boolean {
    const claims = verifyClaims(token, this.#buildSecret, this.#clock.nowMs());
    if (claims === null || claims.origin !== origin) return false;
    return claims.aud === providerSpec || claims.aud === ANY_SPEC;
  }

  #inSeconds(delayMs: number): number {
    return Math.floor((this.#clock.nowMs() + delayMs) / 1_000);
  }
}
