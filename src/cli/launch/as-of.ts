/** The flag --as-of: the day on which an environment is resolved. */
import { invalid } from "../arguments/parse-arguments.ts";
import type { GivenFlags } from "../command.ts";

/** For a launch. Errors: command-invalid. */
export function asOfWish(flags: GivenFlags): { readonly asOf?: string } {
  const asOf = dayOf(flags.text("as-of"));
  return asOf === null ? {} : { asOf };
}

/** `2024-01-31`; null stays null. Errors: command-invalid. */
export function dayOf(text: string | null): string | null {
  if (text === null) return null;
  const atMs = Date.parse(`${text}T00:00:00Z`);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(atMs);
  // The 31st of February is the 3rd of March for Date.
  if (isDay && new Date(atMs).toISOString().startsWith(text)) return text;
  throw invalid(`--as-of needs a day such as 2024-01-31, not ${JSON.stringify(text)}.`);
}
