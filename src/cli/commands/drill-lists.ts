/** `bindery drill --list`, `--policies`, `--measures`, `--faults`: what there is. */
import { type DrillWord, faultWords, measureWords, protectionWords } from "#app/drill-words.ts";
import { drillNames, loadDrill } from "#app/simulated.ts";
import { formatDuration } from "#base/units.ts";
import type { Call } from "../command.ts";
import { columns, definitions } from "../text/columns.ts";
import type { Terminal } from "../text/terminal.ts";

const WIDTH_MAX = 110;

/** Prints the list that was asked for; false when none was. */
export function listWords({ flags, terminal, workingDirectory }: Call): boolean {
  if (flags.has("list")) listDrills(terminal, workingDirectory);
  else if (flags.has("policies")) showWords(protectionWords(), terminal);
  else if (flags.has("measures")) showWords(measureWords(), terminal);
  else if (flags.has("faults")) showWords(faultWords(), terminal);
  else return false;
  return true;
}

function listDrills(terminal: Terminal, workingDirectory: string): void {
  const drills = drillNames().map((name) => loadDrill(name, workingDirectory));
  if (terminal.isJson) {
    terminal.json(
      drills.map(({ name, title, incident, lastsMs }) => ({ name, title, incident, lastsMs })),
    );
    return;
  }
  const rows = drills.map(({ name, title, lastsMs }) => [name, formatDuration(lastsMs), title]);
  for (const line of columns(rows)) terminal.out(line);
}

function showWords(words: readonly DrillWord[], terminal: Terminal): void {
  if (terminal.isJson) {
    terminal.json(words);
    return;
  }
  const width = Math.min(WIDTH_MAX, terminal.columns);
  for (const word of words) {
    for (const line of definitions([[word.name, word.meaning]], { width, indent: 0 }))
      terminal.out(line);
    const entries = word.arguments.map(({ name, meaning }): readonly [string, string] => [
      name,
      meaning,
    ]);
    for (const line of definitions(entries, { width, indent: 4 }))
      terminal.out(terminal.paintOut.dim(line));
  }
}
