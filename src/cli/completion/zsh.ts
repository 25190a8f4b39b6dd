/** The completion of zsh: one _arguments for each command. */
import type { Completion, Flag } from "../command.ts";
import { ASKED, type KnownCommand, quoted } from "./known-words.ts";

export function zshCompletion(commands: readonly KnownCommand[]): string {
  const first = commands.filter(({ path }) => path.length === 1);
  return `#compdef bindery
# zsh completion of bindery; made by \`bindery completion zsh\`
_bindery_sessions() {
  local -a ids
  ids=(\${(f)"$(${ASKED.sessions} 2>/dev/null)"})
  compadd -a ids
}
_bindery_environments() {
  local -a keys
  keys=(\${(f)"$(${ASKED.environments} 2>/dev/null)"})
  compadd -a keys
}
_bindery() {
  local -a commands
  commands=(
${first.map(described).join("\n")}
  )
  local context state line
  typeset -A opt_args
  _arguments -C '1: :->command' '*:: :->rest'
  case $state in
    command) _describe -t commands command commands ;;
    rest)
      case $words[1] in
${first.map((command) => commandCase(command, commands)).join("\n")}
      esac
      ;;
  esac
}
if [ "$funcstack[1]" = _bindery ]; then _bindery "$@"; else compdef _bindery bindery; fi
`;
}

function described({ path, summary }: KnownCommand): string {
  return `    ${quoted(`${path.at(-1)}:${summary}`)}`;
}

function commandCase(command: KnownCommand, all: readonly KnownCommand[]): string {
  const [name = ""] = command.path;
  const inner = all.filter(({ path }) => path.length === 2 && path[0] === name);
  const words =
    inner.length === 0 ? ownWords(command) : [...innerWords(inner), ...command.flags.map(flagWord)];
  return `        ${name}) _arguments ${words.join(" ")} ;;`;
}

function ownWords({ flags, operands, isMany }: KnownCommand): readonly string[] {
  const places = operands.map((completion, index) => {
    const isLast = index === operands.length - 1;
    return quoted(`${isLast && isMany ? "*" : index + 1}: :${action(completion)}`);
  });
  return [...flags.map(flagWord), ...places];
}

/** What follows the name of an inner command is of the kind that the last of them takes. */
function innerWords(inner: readonly KnownCommand[]): readonly string[] {
  const names = inner.map(({ path }) => path[1]).join(" ");
  const operand = inner.flatMap(({ operands }) => operands).find((each) => each !== null) ?? null;
  return [quoted(`1: :(${names})`), quoted(`*: :${action(operand)}`)];
}

function flagWord({ name, short, value, meaning, completion, isMany }: Flag): string {
  const text = meaning.replaceAll(/[[\]\\]/g, "").replaceAll(":", "\\:");
  const taken =
    value === null ? "" : `:${value.replaceAll(":", "\\:")}:${action(completion ?? null)}`;
  const repeat = isMany === true ? "*" : "";
  const body = quoted(`[${text}]${taken}`);
  const long = `${quoted(`${repeat}--${name}`)}${body}`;
  return short === undefined ? long : `${long} ${quoted(`${repeat}-${short}`)}${body}`;
}

function action(completion: Completion | null): string {
  if (completion === null) return " ";
  if (completion === "files") return "_files";
  if (completion === "sessions") return "_bindery_sessions";
  if (completion === "environments") return "_bindery_environments";
  return `(${completion.join(" ")})`;
}
