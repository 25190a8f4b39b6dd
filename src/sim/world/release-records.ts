/** What a drill can measure of releases: `release.NAME.…`, in ms after what began it. */
import type { ReleaseStage, ReleaseState } from "#core/release/release.ts";
import type { WorldContext } from "./context.ts";

export interface ReleaseRecords {
  deployed(release: string, stage: ReleaseStage, touched: number): void;
  canary(release: string, isTooEarly: boolean): void;
  changed(state: ReleaseState, touched: number): void;
}

/**
 * `gatePassedAfterMs`, `inProductionAfterMs`, `refusedAfterMs`, `gateFailedAfterMs` (from the gate's
 * beginning), `foundAfterMs` (from its deployment), `backAfterMs` (from then to the old one in production),
 * `doneAfterMs`; `canaries` and `tooEarly` count; `touched` counts deployments.
 */
export function recordReleases({ clock, recorder }: WorldContext): ReleaseRecords {
  const submittedAtMs = new Map<string, number>();
  const counts = new Map<string, number>();
  let phase: string | null = null;
  let gateAtMs = 0;
  let touchedBefore = 0;
  let falling: { readonly release: string; readonly atMs: number } | null = null;
  let bakeAtMs: number | null = null;
  const measured = (release: string, what: string, value: number) =>
    recorder.add({
      ...{ kind: "measured", atMs: clock.nowMs(), what: `release.${release}.${what}`, value },
    });
  const count = (release: string, what: string) => {
    const key = `${release}.${what}`;
    const value = (counts.get(key) ?? 0) + 1;
    counts.set(key, value);
    measured(release, what, value);
  };
  const event = (what: string) => recorder.add({ kind: "event", atMs: clock.nowMs(), what });

  const fell = (release: string, because: string) => {
    const atMs = clock.nowMs();
    event(`release ${release} goes back: ${because}`);
    if (phase === "gate") measured(release, "gateFailedAfterMs", atMs - gateAtMs);
    if (bakeAtMs !== null) measured(release, "foundAfterMs", atMs - bakeAtMs);
    falling = { release, atMs };
  };

  return {
    deployed(release, stage, touched) {
      const nowMs = clock.nowMs();
      event(`release ${release} runs in ${stage}`);
      if (falling !== null && stage === "production" && falling.release !== release)
        measured(falling.release, "backAfterMs", nowMs - falling.atMs);
      if (falling !== null) return;
      measured(release, "touched", touched - touchedBefore);
      if (stage !== "production") return;
      bakeAtMs = nowMs;
      measured(release, "inProductionAfterMs", nowMs - (submittedAtMs.get(release) ?? nowMs));
    },
    canary(release, isTooEarly) {
      count(release, "canaries");
      if (isTooEarly) count(release, "tooEarly");
    },
    changed({ current, ended }, touched) {
      const nowMs = clock.nowMs();
      if (current === null) {
        const [last] = ended;
        if (phase === null || last === undefined) return;
        phase = null;
        falling = null;
        bakeAtMs = null;
        const afterMs = nowMs - (submittedAtMs.get(last.release) ?? nowMs);
        event(`release ${last.release}: ${last.outcome}, ${last.because}`);
        if (last.outcome === "done") measured(last.release, "doneAfterMs", afterMs);
        if (last.outcome === "refused") measured(last.release, "refusedAfterMs", afterMs);
        measured(last.release, "touched", touched - touchedBefore);
        return;
      }
      const { fall, phase: now, release, submittedAtMs: atMs } = current;
      if (now === phase) return;
      submittedAtMs.set(release, atMs);
      if (phase === null) touchedBefore = touched;
      if (fall !== null && falling === null) fell(release, fall.because);
      if (now === "gate") gateAtMs = nowMs;
      if (now === "production") measured(release, "gatePassedAfterMs", nowMs - atMs);
      phase = now;
    },
  };
}
