/** The completion of zsh: one _arguments for each command. */
import type { Completion, Flag } from "../command.ts";
import { ASKED, type KnownCommand, quoted } from "./known-words.ts";

export function zshCompletion(commands: readonly KnownCommand[]): string {
  const first = commands.filter(({ path }) => path.length === 1);
  const askers = Object.entries(ASKED).map(
    ([name, command]) =>
      `_bindery_${name}() {\n  local -a found\n  found=(\${(f)"$(${command} 2>/dev/null)"})\n  compadd -a found\n}`,
  );
  return `#compdef bindery
# zsh completion of bindery; made by \`bindery completion zsh\`
${askers.join("\n")}
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
  if (inner.length === 0) return `        ${name}) _arguments ${ownWords(command).join(" ")} ;;`;
  const names = quoted(`1: :(${inner.map(({ path }) => path[1]).join(" ")})`);
  const cases = inner.map((each) => {
    return `            ${each.path[1]}) _arguments ${ownWords(each).join(" ")} ;;`;
  });
  return `        ${name})
          if (( CURRENT == 2 )); then _arguments ${[names, ...command.flags.map(flagWord)].join(" ")}; return; fi
          shift words; (( CURRENT-- ))
          case $words[1] in
${cases.join("\n")}
          esac
          ;;`;
}

function ownWords({ flags, operands, isMany }: KnownCommand): readonly string[] {
  const places = operands.map((completion, index) => {
    const isLast = index === operands.length - 1;
    return quoted(`${isLast && isMany ? "*" : index + 1}: :${action(completion)}`);
  });
  return [...flags.map(flagWord), ...places];
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
  if (typeof completion === "string") return `_bindery_${completion}`;
  return `(${completion.join(" ")})`;
}
