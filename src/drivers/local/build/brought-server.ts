/** Whether what was installed runs inside the Jupyter server, so that the shared one will not do. Pure. */

/** What the shared server has too. */
const SHARED_EXTENSIONS: ReadonlySet<string> = new Set([
  "jupyter_lsp",
  "jupyter_server_terminals",
  "jupyterlab",
  "notebook",
  "notebook_shim",
]);

/** `extensions` are modules that the environment's configuration switches on. */
export function whyServerOfItsOwn(extensions: readonly string[]): string | null {
  const own = extensions.find((module) => !SHARED_EXTENSIONS.has(module));
  return own === undefined ? null : `${own} was installed, and it runs inside the Jupyter server`;
}
