/** Units of time and size, so that limits read as what they are. */

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;

export const KIB = 1_024;
export const MIB = 1_024 * KIB;
export const GIB = 1_024 * MIB;

/** `1536` → `"1.5 KiB"`. */
export function formatBytes(bytes: number): string {
  const steps = [
    [GIB, "GiB"],
    [MIB, "MiB"],
    [KIB, "KiB"],
  ] as const;
  for (const [size, name] of steps) {
    if (bytes >= size) return `${trim(bytes / size)} ${name}`;
  }
  return `${bytes} B`;
}

/** `90_000` → `"1 min 30 s"`, `450` → `"450 ms"`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < SECOND_MS) return `${Math.round(durationMs)} ms`;
  if (durationMs < MINUTE_MS) return `${trim(durationMs / SECOND_MS)} s`;
  if (durationMs < HOUR_MS) return parts(durationMs, MINUTE_MS, "min", SECOND_MS, "s");
  return parts(durationMs, HOUR_MS, "h", MINUTE_MS, "min");
}

function parts(value: number, big: number, bigName: string, small: number, smallName: string) {
  const rounded = Math.round(value / small) * small;
  const rest = (rounded % big) / small;
  const head = `${Math.floor(rounded / big)} ${bigName}`;
  return rest === 0 ? head : `${head} ${rest} ${smallName}`;
}

function trim(value: number): string {
  return String(Math.round(value * 10) / 10);
}
