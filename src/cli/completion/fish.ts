/** The completion of fish: a line for each word. */
import type { Completion } from "../command.ts";
import { ASKED, type KnownCommand } from "./known-words.ts";

export function fishCompletion(commands: readonly KnownCommand[]): string {
  const lines = commands.flatMap((command) => [nameLine(command), ...restLines(command)]);
  return [
    "# fish completion of bindery; made by `bindery completion fish`",
    "complete -c bindery -f",
    ...lines,
    "",
  ].join("\n");
}

function nameLine({ path, summary }: KnownCommand): string {
  const [name = "", inner] = path;
  return inner === undefined
    ? `complete -c bindery -n __fish_use_subcommand -a ${name} -d ${fishQuoted(summary)}`
    : `complete -c bindery -n ${condition([name])} -a ${inner} -d ${fishQuoted(summary)}`;
}

function restLines({ path, flags, operands }: KnownCommand): readonly string[] {
  const when = condition(path);
  const flagLines = flags.map((flag) => {
    const short = flag.short === undefined ? "" : ` -s ${flag.short}`;
    const value = flag.value === null ? "" : valueOffer(flag.completion ?? null);
    const meaning = ` -d ${fishQuoted(flag.meaning)}`;
    return `complete -c bindery -n ${when} -l ${flag.name}${short}${value}${meaning}`;
  });
  const isInner = path.length === 2;
  const operandLines = operands
    .filter((completion) => completion !== null && !(Array.isArray(completion) && isInner))
    .map((completion) => `complete -c bindery -n ${when}${offer(completion)}`);
  return [...flagLines, ...operandLines];
}

/** `-x`: a value is needed, and files are not offered. */
function valueOffer(completion: Completion | null): string {
  return completion === "files" ? " -r -F" : ` -x${offer(completion)}`;
}

function condition(path: readonly string[]): string {
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
  return fishQuoted(seen.join("; and "));
}

function offer(completion: Completion | null): string {
  if (completion === null) return "";
  if (completion === "files") return " -F";
  if (typeof completion === "string") {
    return ` -a ${fishQuoted(`(${ASKED[completion]} 2>/dev/null)`)}`;
  }
  return ` -a ${fishQuoted(completion.join(" "))}`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
