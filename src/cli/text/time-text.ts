/** Times of day as lists show them, in the zone of this machine. */

/** `06:15:07`. */
export function timeText(atMs: number): string {
  const at = new Date(atMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
}

/** `2026-01-31 06:15:07`. */
export function dateText(atMs: number): string {
  const at = new Date(atMs);
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
  return `${date} ${timeText(atMs)}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
