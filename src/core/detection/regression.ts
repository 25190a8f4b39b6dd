/** A straight line through points, and how well it fits. */

export interface Line {
  readonly slope: number;
  /** 1: all points lie on it; 0: the line explains nothing. */
  readonly fit: number;
}

/** Least squares; null for fewer than two different x. */
export function lineThrough(
  points: readonly { readonly x: number; readonly y: number }[],
): Line | null {
  const count = points.length;
  let sumX = 0;
  let sumY = 0;
  for (const { x, y } of points) {
    sumX += x;
    sumY += y;
  }
  const meanX = sumX / count;
  const meanY = sumY / count;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (const { x, y } of points) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
    yy += (y - meanY) ** 2;
  }
  if (count < 2 || xx === 0) return null;
  return { slope: xy / xx, fit: yy === 0 ? 1 : (xy * xy) / (xx * yy) };
}
