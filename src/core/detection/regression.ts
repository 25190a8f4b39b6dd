/** A straight line through points, and how well it fits. */

export interface Line {
  readonly slope: number;
  /** 1: all points lie on it; 0: the line explains nothing. */
  readonly fit: number;
}

/** Least squares through as many `ys` as `xs`; null for fewer than two different x. */
export function lineThrough(xs: readonly number[], ys: readonly number[]): Line | null {
  const count = xs.length;
  let sumX = 0;
  let sumY = 0;
  for (let index = 0; index < count; index += 1) {
    sumX += xs[index] ?? 0;
    sumY += ys[index] ?? 0;
  }
  const meanX = sumX / count;
  const meanY = sumY / count;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (let index = 0; index < count; index += 1) {
    const x = (xs[index] ?? 0) - meanX;
    const y = (ys[index] ?? 0) - meanY;
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  if (count < 2 || xx === 0) return null;
  return { slope: xy / xx, fit: yy === 0 ? 1 : (xy * xy) / (xx * yy) };
}
