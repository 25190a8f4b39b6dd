/** How a failure looks: what went wrong, and what to do about it. */
import type { Failure } from "#core/errors.ts";
import { safeText } from "./safe-text.ts";
import type { Terminal } from "./terminal.ts";

/** With `--json` the failure is the result: `{"error": …}`, as the API says it. */
export function showFailure(failure: Failure, terminal: Terminal): void {
  if (terminal.isJson) terminal.json({ error: failure });
  for (const line of failureLines(failure, terminal)) terminal.note(line);
}

function failureLines(failure: Failure, { paintNote }: Terminal): readonly string[] {
  const detail = failure.detail ?? {};
  const suggestions = detail.suggestions ?? [];
  const again = detail.retryAfterSeconds;
  const lines = [
    `${paintNote.red("✗")} ${paintNote.bold(safeText(failure.message, { colours: false }))}`,
  ];
  if (suggestions.length > 0) lines.push(`  There are: ${suggestions.join(", ")}`);
  if (again !== undefined) lines.push(`  Try again in ${Math.ceil(again)} s.`);
  lines.push(`  ${failure.next}`);
  return lines;
}
