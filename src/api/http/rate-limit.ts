/** A fixed window of launches per address, for those who bring no token. */
import ipaddr from "ipaddr.js";

export interface RateLimitOptions {
  readonly limit: number;
  readonly periodMs: number;
  /** How many addresses are remembered; the oldest is forgotten first. */
  readonly clientsMax: number;
}

export interface RateVerdict {
  readonly isAllowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetAtMs: number;
}

interface Window {
  readonly startedAtMs: number;
  count: number;
}

export class RateLimit {
  readonly #options: RateLimitOptions;
  /** In the order in which the windows were opened. */
  readonly #windows = new Map<string, Window>();

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** Counts one use. A refused one is not counted: waiting helps, whoever asks again meanwhile. */
  take(address: string, nowMs: number): RateVerdict {
    const { limit, periodMs } = this.#options;
    const window = this.#window(rateKey(address), nowMs);
    const isAllowed = window.count < limit;
    if (isAllowed) window.count += 1;
    const remaining = limit - window.count;
    return { isAllowed, limit, remaining, resetAtMs: window.startedAtMs + periodMs };
  }

  #window(key: string, nowMs: number): Window {
    const known = this.#windows.get(key);
    if (known !== undefined && this.#isOpen(known, nowMs)) return known;
    this.#windows.delete(key);
    for (const [oldest, window] of this.#windows) {
      if (this.#isOpen(window, nowMs) && this.#windows.size < this.#options.clientsMax) break;
      this.#windows.delete(oldest);
    }
    const opened = { startedAtMs: nowMs, count: 0 };
    this.#windows.set(key, opened);
    return opened;
  }

  /** Also false when the clock went back: nobody waits longer than one period. */
  #isOpen(window: Window, nowMs: number): boolean {
    const ageMs = nowMs - window.startedAtMs;
    return ageMs >= 0 && ageMs < this.#options.periodMs;
  }
}

/** One person has a whole /64 of IPv6; an IPv4 address is one person in either spelling. */
export function rateKey(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return parsed.parts.slice(0, 4).join(":");
}
