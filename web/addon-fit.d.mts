/** The file that the server offers beside ours comes from this package. */
export { FitAddon } from "@xterm/addon-fit";
