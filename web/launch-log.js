/** The log of a launch in a terminal: bounded, without anything that a log could do to the page. */

const LINES_MAX = 10_000;
const TEXT_MAX = 8_000_000;

/**
 * Escape sequences and control characters, of which the page lets none through but colours: the
 * first group. Written as code points, since control characters are what this is about.
 */
const ESCAPE = String.raw`\u{1b}`;
const CONTROLS = new RegExp(
  [
    String.raw`(${ESCAPE}\[[0-9;:]*m)`,
    String.raw`${ESCAPE}\[[0-?]*[ -\/]*[@-~]`,
    String.raw`${ESCAPE}[\]PX^_][^\u{7}\u{1b}]*(?:\u{7}|${ESCAPE}\\)?`,
    String.raw`${ESCAPE}[ -\/]*[0-~]`,
    String.raw`[\u{0}-\u{8}\u{b}\u{c}\u{e}-\u{1f}\u{7f}-\u{9f}]`,
  ].join("|"),
  "gu",
);

/** @param {string} text */
export function safeForTerminal(text) {
  return text.replace(CONTROLS, (_, colour = "") => colour);
}

/** @param {string} text */
export function plainText(text) {
  return text.replace(CONTROLS, "");
}

export class LaunchLog {
  #host;
  /** @type {string[]} */
  #lines = [];
  #length = 0;
  /** @type {import("@xterm/xterm").Terminal | null} */
  #terminal = null;
  /** @type {import("@xterm/addon-fit").FitAddon | null} */
  #fit = null;
  /** @type {Promise<void> | null} */
  #opening = null;

  /** @param {HTMLElement} host */
  constructor(host) {
    this.#host = host;
  }

  /** @param {string} message */
  add(message) {
    const line = message.replace(/\r?\n$/, "");
    this.#lines.push(line);
    this.#length += line.length;
    while (this.#lines.length > LINES_MAX || this.#length > TEXT_MAX) {
      this.#length -= this.#lines.shift()?.length ?? 0;
    }
    this.#write(line);
  }

  clear() {
    this.#lines = [];
    this.#length = 0;
    this.#terminal?.reset();
  }

  /** The terminal is loaded when it is looked at first: most launches end before. */
  async show() {
    this.#opening ??= this.#open();
    await this.#opening;
    this.#fit?.fit();
  }

  text() {
    return this.#lines.map((line) => `${plainText(line)}\n`).join("");
  }

  async #open() {
    const [{ Terminal }, { FitAddon }] = await Promise.all([
      import("./xterm.mjs"),
      import("./addon-fit.mjs"),
    ]);
    const terminal = new Terminal({
      convertEol: true,
      disableStdin: true,
      screenReaderMode: true,
      scrollback: LINES_MAX,
      fontSize: 13,
      cursorInactiveStyle: "none",
      theme: { background: "#14171c", foreground: "#e8ebf0", cursor: "#14171c" },
      linkHandler: { activate: () => {} },
    });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.open(this.#host);
    fit.fit();
    for (const line of this.#lines) terminal.write(`${safeForTerminal(line)}\n`);
    this.#terminal = terminal;
    this.#fit = fit;
    new ResizeObserver(() => fit.fit()).observe(this.#host);
  }

  /** @param {string} line */
  #write(line) {
    this.#terminal?.write(`${safeForTerminal(line)}\n`);
  }
}
