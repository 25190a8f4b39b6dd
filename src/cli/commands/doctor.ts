/** `bindery doctor` */
import { examineMachine } from "#app/doctor.ts";
import { configOf } from "../arguments/setting-flags.ts";
import type { Run } from "../command.ts";
import { wrap } from "../text/columns.ts";
import { safeText } from "../text/safe-text.ts";

const WIDTH_MAX = 110;
const WIDTH_MIN = 30;
const NAME_GAP = 4;

export const run: Run = async ({ flags, environment, terminal }) => {
  const report = await examineMachine(configOf(flags, environment), environment);
  const exit = report.canRun ? "ok" : "failed";
  if (terminal.isJson) {
    terminal.json(report);
    return exit;
  }
  const { paintOut } = terminal;
  const marks = {
    good: paintOut.green("✓"),
    limited: paintOut.yellow("!"),
    bad: paintOut.red("✗"),
  };
  const indent = Math.max(...report.findings.map(({ part }) => part.length)) + NAME_GAP;
  const width = Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, terminal.columns) - indent);
  for (const { state, part, found, meaning, remedy } of report.findings) {
    const lines = [
      ...wrap(safeText(found, { colours: false }), width),
      ...wrap(meaning, width).map(paintOut.dim),
      ...wrap(remedy === null ? "" : `→ ${remedy}`, width),
    ];
    const name = `${marks[state]} ${paintOut.bold(part)}`;
    terminal.out(`${name}${" ".repeat(indent - part.length - 2)}${lines[0] ?? ""}`);
    for (const line of lines.slice(1)) terminal.out(" ".repeat(indent) + line);
  }
  terminal.out("");
  terminal.out(
    report.canRun
      ? paintOut.green("Bindery can run repositories here.")
      : paintOut.red("Bindery cannot run repositories here: see ✗ above."),
  );
  return exit;
};
