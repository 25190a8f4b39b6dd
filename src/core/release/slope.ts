/** How much one thing grows with another: least squares, and how well a line fits. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Slope {
  readonly slope: number;
  /** From -1 to 1; 0 when there is nothing to say. */
  readonly correlation: number;
}

export function slopeOf(points: readonly Point[]): Slope {
  const meanX = mean(points, (point) => point.x);
  const meanY = mean(points, (point) => point.y);
  let [xx, xy, yy] = [0, 0, 0];
  for (const { x, y } of points) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
    yy += (y - meanY) ** 2;
  }
  if (xx === 0 || yy === 0) return { slope: 0, correlation: 0 };
  return { slope: xy / xx, correlation: xy / Math.sqrt(xx * yy) };
}

/** 0 of 0 is 0. */
export function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function mean(points: readonly Point[], valueOf: (point: Point) => number): number {
  let sum = 0;
  for (const point of points) sum += valueOf(point);
  return points.length === 0 ? 0 : sum / points.length;
}
