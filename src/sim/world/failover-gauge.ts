/** What an onlooker sees of a loss: when lost sessions are told of, and what the next control plane knows of the past. */
import { SECOND_MS } from "#base/units.ts";
import type { ControlPlane } from "#control/control-plane-api.ts";
import type { SessionEnd } from "#core/session/session.ts";
import type { WorldContext } from "./context.ts";
import type { PretendHistory } from "./history.ts";

interface FailoverGaugeParts {
  readonly context: WorldContext;
  readonly history: Pick<PretendHistory, "size">;
  readonly plane: () => ControlPlane | null;
}

const LOOK_MS = 1 * SECOND_MS;
const LOST: SessionEnd = "node-failed";

export class FailoverGauge {
  readonly #parts: FailoverGaugeParts;
  /** Lost with their machine, and nobody could be told so yet. */
  readonly #untold = new Set<string>();

  constructor(parts: FailoverGaugeParts) {
    this.#parts = parts;
    parts.context.recorder.onRecord((record) => {
      if (record.kind !== "session-ended" || !record.wasInUse) return;
      if (record.end === LOST) this.#lost(record.session);
    });
  }

  /** A control plane begins to serve: it should know all that was done before. */
  serving(plane: ControlPlane): void {
    const { history } = this.#parts;
    const expected = history.size;
    void plane.operations.audit(expected).then((known) => {
      if (expected > 0) this.#measured("history.missing", expected - known.length);
    });
  }

  #lost(session: string): void {
    this.#untold.add(session);
    if (this.#untold.size === 1) this.#lookLater();
  }

  #lookLater(): void {
    this.#parts.context.clock.setTimer(LOOK_MS, () => {
      for (const session of this.#untold) {
        const state = this.#parts.plane()?.sessions.get(session)?.state;
        if (state?.kind !== "ended" || state.end !== LOST) continue;
        this.#untold.delete(session);
        this.#measured("sessions.toldLost", 1);
      }
      if (this.#untold.size > 0) this.#lookLater();
    });
  }

  #measured(what: string, value: number): void {
    const { clock, recorder } = this.#parts.context;
    recorder.add({ kind: "measured", atMs: clock.nowMs(), what, value });
  }
}
