/** How long builds wait although slots are free, as an onlooker with perfect sight measures it. */
import { SECOND_MS } from "#base/units.ts";
import type { ControlPlane } from "#control/control-plane-api.ts";
import type { PretendBuilds } from "./builds.ts";
import type { WorldContext } from "./context.ts";

export interface BuildGaugeParts {
  readonly context: WorldContext;
  readonly builds: PretendBuilds;
  readonly slots: number;
  readonly plane: () => ControlPlane | null;
}

const LOOK_MS = 1 * SECOND_MS;

export class BuildGauge {
  readonly #parts: BuildGaugeParts;
  #idleMs = 0;
  #isLooking = false;

  constructor(parts: BuildGaugeParts) {
    this.#parts = parts;
    parts.builds.missed = () => this.#lookLater();
  }

  #lookLater(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#parts.context.clock.setTimer(LOOK_MS, () => this.#look());
  }

  #look(): void {
    const { builds, context, plane, slots } = this.#parts;
    this.#isLooking = false;
    // Where all slots are in use nobody has to be asked who waits.
    const isBusy = builds.running.size >= slots;
    const known = isBusy ? [] : (plane()?.environments.builds() ?? []);
    if (known.some(({ state }) => state === "queued")) {
      this.#idleMs += LOOK_MS;
      const atMs = context.clock.nowMs();
      context.recorder.add({ kind: "measured", atMs, what: "builds.idleMs", value: this.#idleMs });
    } else this.#idleMs = 0;
    if (isBusy || known.length > 0) this.#lookLater();
  }
}
