/**
 * Tells the person in JupyterLab and Notebook 7 what happened to the session: something was ended for
 * memory, the session ends soon. A module-federation container written by hand: there is nothing to
 * build, and what it needs is taken from the page's own share scope.
 */
(() => {
  const NAME = "bindery-session";
  const POLL_INTERVAL_MS = 15_000;
  /** After a kernel died the driver needs a moment to find out why. */
  const AFTER_DEATH_MS = [300, 1_000, 3_000];
  const DEAD = new Set(["restarting", "autorestarting", "dead", "terminating"]);

  let shared = {};

  /** The newest copy of a package that the page has; null in a JupyterLab without it. */
  async function fromPage(name) {
    const versions = Object.values(shared[name] ?? {});
    if (versions.length === 0) return null;
    return (await versions.at(-1).get())();
  }

  function createPlugins(apputils, notebook) {
    return [
      {
        id: `${NAME}:notices`,
        description: "Shows what the session's driver has to tell.",
        autoStart: true,
        optional: notebook === null ? [] : [notebook.INotebookTracker],
        activate: (app, tracker) => {
          const ask = createPoll(app.serviceManager.serverSettings, apputils.Notification);
          const poll = () => void ask();
          poll();
          setInterval(poll, POLL_INTERVAL_MS);
          document.addEventListener("visibilitychange", poll);
          tracker?.widgetAdded.connect((_, panel) => {
            panel.sessionContext.statusChanged.connect((_context, status) => {
              if (!DEAD.has(status)) return;
              for (const delayMs of AFTER_DEATH_MS) setTimeout(poll, delayMs);
            });
          });
        },
      },
    ];
  }

  function createPoll(settings, notification) {
    const url = `${settings.baseUrl}api/bindery/notices`;
    const headers = settings.token === "" ? {} : { Authorization: `token ${settings.token}` };
    const seen = readSeen();
    let isOver = false;
    return async () => {
      if (isOver || document.visibilityState === "hidden") return;
      let response;
      try {
        response = await fetch(url, { headers, credentials: "same-origin" });
      } catch {
        // No connection: JupyterLab itself says so.
        return;
      }
      if (response.status === 404) isOver = true;
      if (!response.ok) return;
      const { notices } = await response.json();
      for (const notice of notices) show(notice, seen, notification);
    };
  }

  function show(notice, seen, notification) {
    if (seen.has(notice.id)) return;
    seen.add(notice.id);
    writeSeen(seen);
    const type = ["info", "warning", "error"].includes(notice.level) ? notice.level : "info";
    notification.emit(notice.message, type, { autoClose: type === "info" ? 8_000 : false });
  }

  // A page that is loaded again does not repeat what was said.
  function readSeen() {
    try {
      return new Set(JSON.parse(sessionStorage.getItem(NAME) ?? "[]"));
    } catch {
      return new Set();
    }
  }

  function writeSeen(seen) {
    try {
      sessionStorage.setItem(NAME, JSON.stringify([...seen].slice(-100)));
    } catch {
      // Storage is off: then it is said again after a reload.
    }
  }

  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB[NAME] = {
    init: (scope) => {
      shared = scope;
    },
    get: async () => {
      const apputils = await fromPage("@jupyterlab/apputils");
      const notebook = await fromPage("@jupyterlab/notebook");
      const canTell = apputils?.Notification?.emit !== undefined;
      const plugins = canTell ? createPlugins(apputils, notebook) : [];
      return () => ({ __esModule: true, default: plugins });
    },
  };
})();
