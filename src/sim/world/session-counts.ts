/** Sessions that are placed or wait to be, counted as limits count them. */
import type { SessionPurpose } from "#core/session/session.ts";

export class SessionCounts {
  /** Those that wait for somebody included. */
  alive = 0;
  people = 0;
  canaries = 0;
  readonly #perRepo = new Map<string, number>();
  readonly #perClient = new Map<string, number>();

  /** `by` is 1 or -1; a session that nobody has yet has no purpose. */
  add(purpose: SessionPurpose | null, by: number): void {
    this.alive += by;
    this.addPurpose(purpose, by);
  }

  /** A session that is there gets its purpose. */
  addPurpose(purpose: SessionPurpose | null, by: number): void {
    if (purpose === null) return;
    const { clientAddress, isCanary, repo } = purpose;
    if (isCanary) {
      this.canaries += by;
      return;
    }
    this.people += by;
    add(this.#perRepo, repo.url, by);
    if (clientAddress !== null) add(this.#perClient, clientAddress, by);
  }

  /** Of people. */
  ofRepo(url: string): number {
    return this.#perRepo.get(url) ?? 0;
  }

  /** Of people. */
  ofClient(address: string): number {
    return this.#perClient.get(address) ?? 0;
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
