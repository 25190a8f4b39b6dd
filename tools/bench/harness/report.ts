/** Tables for people, and the same as JSON for whoever compares runs. */
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import type { Row, Table } from "./bench.ts";
import { median, percentile, short } from "./figures.ts";

const BYTES_PER_GIB = 1_024 ** 3;

export function printTable(table: Table): void {
  const { against, better, rows, title, unit } = table;
  const other = rows.find(({ what }) => what === against);
  const isCompared = other !== undefined;
  const hasAims = rows.some(({ aim }) => aim !== undefined);
  const heads = ["", "median", better === "less" ? "min" : "max", "p95", "n"];
  if (isCompared) heads.push(`× ${against}`);
  if (hasAims) heads.push("aim");
  const lines = rows.map((row) => {
    const best = better === "less" ? Math.min(...row.samples) : Math.max(...row.samples);
    const figures = [median(row.samples), best, percentile(row.samples, 0.95)].map(short);
    const cells = [row.what, ...figures, String(row.samples.length)];
    if (isCompared) cells.push(row === other ? "" : `${short(ratio(row, other, better))}×`);
    if (hasAims) cells.push(row.aim ?? "");
    return cells;
  });
  console.log(`\n${title} (${unit})\n${align([heads, ...lines])}`);
}

/** How many times better than the other. */
function ratio(row: Row, other: Row, better: Table["better"]): number {
  const [mine, its] = [median(row.samples), median(other.samples)];
  return better === "less" ? its / mine : mine / its;
}

function align(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          const isText = column === 0 || (column === line.length - 1 && !/^[\d.–×]*$/.test(cell));
          return isText ? cell.padEnd(width) : cell.padStart(width);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** `build/bench/<name>.json`, beside everything else that is made and not kept. */
export async function writeReport(
  root: string,
  name: string,
  tables: readonly Table[],
): Promise<string> {
  const directory = join(root, "build", "bench");
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${name}.json`);
  const machine = {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? "",
    memoryGib: Math.round(totalmem() / BYTES_PER_GIB),
    node: process.version,
    // Of the last minute, the bench itself included: how much else went on.
    loadAverage: loadavg()[0],
  };
  const withMedians = tables.map((table) => ({
    ...table,
    rows: table.rows.map((row) => ({ ...row, median: median(row.samples) })),
  }));
  const report = { name, at: new Date().toISOString(), machine, tables: withMedians };
  await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
  return path;
}
