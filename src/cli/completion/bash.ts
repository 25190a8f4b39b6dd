/** The completion of bash: one function, without the bash-completion package. */
import type { Completion } from "../command.ts";
import { ASKED, flagsWithValue, flagWords, type KnownCommand, quoted } from "./known-words.ts";

export function bashCompletion(commands: readonly KnownCommand[]): string {
  const names = commands.filter(({ path }) => path.length === 1).map(({ path }) => path[0] ?? "");
  return `# bash completion of bindery; made by \`bindery completion bash\`
_bindery() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local path="" operands=0 word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      ${flagsWithValue(commands).join("|")}) ((i++)) ;;
      -*) ;;
      *)
        case "$path $word" in
          ${commands.map(({ path }) => quoted(["", ...path].join(" "))).join("|")}) path="$path $word" ;;
          *) ((operands++)) ;;
        esac
        ;;
    esac
  done
  case "$path $previous" in
${commands.flatMap(valueCases).join("\n")}
  esac
  case "$path" in
    "") _bindery_words ${quoted([...names, "--help", "--version"].join(" "))} ;;
${commands.map(commandCase).join("\n")}
  esac
}
_bindery_words() {
  COMPREPLY=($(compgen -W "$1" -- "$current"))
}
_bindery_files() {
  local IFS=$'\\n' # names may hold blanks
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$current"))
}
complete -o nosort -F _bindery bindery 2>/dev/null || complete -F _bindery bindery
`;
}

function valueCases({ path, flags }: KnownCommand): readonly string[] {
  return flags
    .filter(({ value }) => value !== null)
    .map((flag) => {
      const patterns = flagWords(flag).map((word) => quoted(["", ...path, word].join(" ")));
      return `    ${patterns.join("|")}) ${offer(flag.completion ?? null)}; return ;;`;
    });
}

function commandCase({ path, flags, operands, isMany }: KnownCommand): string {
  const words = flags.flatMap(flagWords).join(" ");
  const positions = operands.map((completion, index) => {
    const isLast = index === operands.length - 1;
    return `        ${isLast && isMany ? "*" : index}) ${offer(completion)} ;;`;
  });
  return [
    `    ${quoted(["", ...path].join(" "))})`,
    `      if [[ $current == -* ]]; then _bindery_words ${quoted(words)}; return; fi`,
    ...(positions.length === 0 ? [] : ["      case $operands in", ...positions, "      esac"]),
    "      ;;",
  ].join("\n");
}

function offer(completion: Completion | null): string {
  if (completion === null) return ":";
  if (completion === "files") return "_bindery_files";
  if (typeof completion === "string") {
    return `_bindery_words "$(${ASKED[completion]} 2>/dev/null)"`;
  }
  return `_bindery_words ${quoted(completion.join(" "))}`;
}
