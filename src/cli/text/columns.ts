/** Tables for people: columns as wide as they must be. */

/** Lines with the columns under one another; the last column is not padded. */
export function columns(rows: readonly (readonly string[])[], gap = 2): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, shownLength(cell));
    }
  }
  return rows.map((row) =>
    row
      .map((cell, index) => {
        const isLast = index === row.length - 1;
        return isLast ? cell : cell + " ".repeat((widths[index] ?? 0) - shownLength(cell) + gap);
      })
      .join("")
      .trimEnd(),
  );
}

/** A paragraph in lines of at most `width` characters, where its words allow. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}

/** Entries with their meanings beside them, wrapped. */
export function definitions(
  entries: readonly (readonly [string, string])[],
  { width, indent = 2 }: { readonly width: number; readonly indent?: number },
): readonly string[] {
  const longest = Math.max(0, ...entries.map(([name]) => shownLength(name)));
  const column = Math.min(longest, Math.max(12, Math.floor(width / 3))) + 2;
  const margin = " ".repeat(indent);
  return entries.flatMap(([name, meaning]) => {
    const lines = wrap(meaning, Math.max(20, width - column - indent));
    const fits = shownLength(name) + 2 <= column;
    const rest = (fits ? lines.slice(1) : lines).map((each) => margin + " ".repeat(column) + each);
    const padding = " ".repeat(Math.max(0, column - shownLength(name)));
    const first = fits ? `${margin}${name}${padding}${lines[0] ?? ""}` : `${margin}${name}`;
    return [first.trimEnd(), ...rest];
  });
}

function shownLength(text: string): number {
  // What colours add takes no room.
  // oxlint-disable-next-line no-control-regex -- an escape sequence begins with one
  return text.replaceAll(/\u001b\[[0-9;]*m/g, "").length;
}
