/** `bindery completion bash|zsh|fish` */
import { invalid } from "../arguments/parse-arguments.ts";
import type { Run } from "../command.ts";
import { bashCompletion } from "../completion/bash.ts";
import { fishCompletion } from "../completion/fish.ts";
import { knownCommands } from "../completion/known-words.ts";
import { zshCompletion } from "../completion/zsh.ts";

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export const run: Run = ({ operands, terminal, commands }) => {
  const [shell = ""] = operands;
  const make = Object.entries(SHELLS).find(([name]) => name === shell)?.[1];
  if (make === undefined)
    throw invalid(`There is a completion for ${Object.keys(SHELLS).join(", ")}.`);
  const script = make(knownCommands(commands));
  if (terminal.isJson) terminal.json({ shell, script });
  else terminal.out(script.replace(/\n$/, ""));
  return Promise.resolve("ok");
};
