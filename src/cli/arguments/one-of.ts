/** Ids as people type them: the whole, or a beginning that fits only one. */
import { AppError, type ErrorCode } from "#core/errors.ts";

const SHOWN_MAX = 5;

/** Errors: `missing` when none fits, command-invalid when several do. */
export function oneOf(given: string, ids: readonly string[], missing: ErrorCode): string {
  if (ids.includes(given)) return given;
  const fitting = ids.filter((id) => given !== "" && id.startsWith(given));
  const [only, ...others] = fitting;
  if (only === undefined) throw new AppError(missing, `Nothing here is called "${given}".`);
  if (others.length === 0) return only;
  const shown = fitting.slice(0, SHOWN_MAX).join(", ");
  const more = fitting.length > SHOWN_MAX ? ", …" : "";
  throw new AppError("command-invalid", `"${given}" is the beginning of several: ${shown}${more}.`);
}
