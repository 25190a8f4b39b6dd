/** What those who wait were told, and how well it came true. */
import { medianOf, waitError } from "#core/admission/estimate-wait.ts";
import type { LaunchId } from "#core/launch/launch.ts";

const ERRORS_KEPT = 200;

interface Told {
  position: number;
  /** The first estimate; later ones are easier. */
  first: { readonly waitMs: number; readonly atMs: number } | null;
}

export class WaitHonesty {
  readonly #told = new Map<LaunchId, Told>();
  #errors: number[] = [];
  #median: number | null = null;

  get median(): number | null {
    return this.#median;
  }

  /** The place that the launch was told last. */
  positionOf(launchId: LaunchId): number | null {
    return this.#told.get(launchId)?.position ?? null;
  }

  told(
    launchId: LaunchId,
    { position, waitMs }: { readonly position: number; readonly waitMs: number | null },
    nowMs: number,
  ): void {
    const first = waitMs === null ? null : { waitMs, atMs: nowMs };
    const known = this.#told.get(launchId);
    if (known === undefined) {
      this.#told.set(launchId, { position, first });
      return;
    }
    known.position = position;
    known.first ??= first;
  }

  /** His server runs. */
  arrived(launchId: LaunchId, nowMs: number): void {
    const first = this.#told.get(launchId)?.first ?? null;
    this.#told.delete(launchId);
    if (first === null) return;
    this.#errors.push(waitError(first.waitMs, nowMs - first.atMs));
    if (this.#errors.length > ERRORS_KEPT) this.#errors.shift();
    this.#median = medianOf(this.#errors);
  }

  forget(launchId: LaunchId): void {
    this.#told.delete(launchId);
  }
}
