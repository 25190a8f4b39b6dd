/** The file that the server offers beside ours comes from this package. */
export { Terminal } from "@xterm/xterm";
