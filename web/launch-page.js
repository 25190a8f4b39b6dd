/** The page of one launch: shows where it stands, and leads to the session when that answers. */
import { LaunchClient, newLaunchId } from "./launch-client.js";
import { LaunchLog, plainText } from "./launch-log.js";
import { sessionAddress } from "./session-address.js";

/**
 * @typedef {import("./launch-client.js").LaunchEvent} LaunchEvent
 * @typedef {import("./launch-client.js").Failure} Failure
 * @typedef {{ baseUrl: string, pageToken: string, launch: { id?: string } & Record<string, unknown>,
 *   urlPath: string | null, problem: Failure | null, mustConfirm: boolean, preload: string[] }} Config
 */

const config = /** @type {Config} */ (Reflect.get(window, "pageConfig"));

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

const page = {
  confirm: element("confirm"),
  progress: element("progress"),
  phases: element("phases"),
  announcement: element("announcement"),
  status: element("status"),
  elapsed: element("elapsed"),
  queue: element("queue"),
  failure: element("failure"),
  cancel: /** @type {HTMLButtonElement} */ (element("cancel")),
  retry: element("retry"),
  open: /** @type {HTMLAnchorElement} */ (element("open")),
  home: element("home"),
  logContainer: /** @type {HTMLDetailsElement} */ (element("log-container")),
};
const log = new LaunchLog(element("log"));

/** Which step of the row above is under way in which phase. */
const STEP_OF = new Map([
  ["waiting", "waiting"],
  ["queued", "waiting"],
  ["fetching", "fetching"],
  ["building", "building"],
  ["pushing", "building"],
  ["built", "building"],
  ["launching", "launching"],
  ["ready", "ready"],
]);

/** The same launch again when this page is loaded anew while it runs. */
const storageKey = `bindery-launch ${location.pathname}${location.search}`;

/** @type {LaunchClient | null} */
let client = null;
let launchId = "";

/** @param {boolean} isAgain a new attempt, not the one that may be under way */
async function launch(isAgain) {
  const { id: watched, ...wish } = config.launch;
  const isWatching = watched !== undefined;
  launchId = watched ?? ((!isAgain && sessionStorage.getItem(storageKey)) || newLaunchId());
  if (!isWatching) sessionStorage.setItem(storageKey, launchId);
  showStarted();
  const startedAtMs = performance.now();
  const ticking = setInterval(() => showElapsed(performance.now() - startedAtMs), 1_000);
  client = new LaunchClient(config);
  let last = 0;
  const outcome = await client.follow(launchId, isWatching ? null : wish, {
    onEvent: (event) => {
      // The server began anew and with it this launch: it tells everything again.
      if (event.number <= last) log.clear();
      last = event.number;
      showEvent(event);
    },
    onConnection: showConnection,
  });
  clearInterval(ticking);
  page.cancel.hidden = true;
  if (outcome.kind !== "ended") sessionStorage.removeItem(storageKey);
  if (outcome.kind === "failed") showFailure(outcome.failure);
  if (outcome.kind === "lost") {
    showFailure({
      code: "lost",
      message: outcome.because,
      next: "Check that Bindery runs, then try again.",
      retriable: true,
    });
  }
}

/** @param {LaunchEvent} event */
function showEvent(event) {
  const step = STEP_OF.get(event.phase);
  if (step !== undefined) showStep(step);
  log.add(event.message);
  page.status.textContent = plainText(event.message).trim().split("\n")[0] ?? "";
  const waitMs = event.queue?.waitMs ?? null;
  page.queue.hidden = event.queue === undefined;
  page.queue.textContent =
    event.queue === undefined
      ? ""
      : `Place ${event.queue.position} in the queue${waitMs === null ? "" : `, about ${seconds(waitMs)} to wait`}.`;
  if (event.phase === "ready") void showReady(event);
  if (event.phase === "failed" && event.failure !== undefined) {
    sessionStorage.removeItem(storageKey);
    showFailure(event.failure);
  }
}

/** @param {LaunchEvent} event */
async function showReady({ result }) {
  sessionStorage.removeItem(storageKey);
  setFavicon("success");
  if (!result?.path || !result.token) {
    page.status.textContent = "The environment is built.";
    page.home.hidden = false;
    return;
  }
  const known = config.urlPath === null ? await client?.get(launchId) : null;
  const urlPath = config.urlPath ?? known?.urlPath ?? client?.urlPath ?? null;
  const address = sessionAddress({
    origin: location.origin,
    path: result.path,
    urlPath,
    token: result.token,
  });
  page.open.href = address;
  page.open.hidden = false;
  location.replace(address);
}

function showStarted() {
  page.confirm.hidden = true;
  page.progress.hidden = false;
  page.failure.hidden = true;
  page.retry.hidden = true;
  page.home.hidden = true;
  page.open.hidden = true;
  page.cancel.hidden = config.launch.id !== undefined;
  page.cancel.disabled = false;
  delete page.phases.dataset["failed"];
  page.elapsed.textContent = "";
  page.status.textContent = "Connecting …";
  log.clear();
  showStep("waiting");
  setFavicon("building");
}

/** @param {string} step */
function showStep(step) {
  let isDone = true;
  for (const item of page.phases.querySelectorAll("li")) {
    const isNow = item.dataset["phase"] === step;
    if (isNow) isDone = false;
    item.dataset["state"] = isNow ? "now" : isDone ? "done" : "ahead";
    if (isNow) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
    // Said once per step: the line below changes too often to be read out.
    if (isNow && page.announcement.textContent !== item.textContent) {
      page.announcement.textContent = item.textContent;
    }
  }
}

/** @param {boolean} isUp */
function showConnection(isUp) {
  if (isUp) {
    delete page.status.dataset["lost"];
  } else {
    page.status.dataset["lost"] = "";
    page.status.textContent = "The connection is gone. Trying again …";
  }
}

/** @param {Failure} failure */
function showFailure(failure) {
  setFavicon("fail");
  page.phases.dataset["failed"] = "";
  page.queue.hidden = true;
  page.status.textContent = "";
  element("failure-message").textContent = failure.message;
  element("failure-next").textContent = failure.next;
  const suggestions = failure.detail?.suggestions ?? [];
  const list = element("failure-suggestions");
  list.hidden = suggestions.length === 0;
  list.replaceChildren(
    ...suggestions.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }),
  );
  page.failure.hidden = false;
  page.retry.hidden = false;
  page.home.hidden = false;
  if (log.text() !== "") {
    page.logContainer.open = true;
    void log.show();
  }
}

/** @param {number} ms */
function seconds(ms) {
  const whole = Math.max(1, Math.round(ms / 1_000));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** @param {number} ms */
function showElapsed(ms) {
  page.elapsed.textContent = seconds(ms);
}

/** @param {"building" | "success" | "fail"} state */
function setFavicon(state) {
  element("favicon").setAttribute("href", `${config.baseUrl}favicon_${state}.ico`);
}

/** What the session's page will need, fetched while the person waits anyway. */
function preload() {
  for (const path of config.preload) {
    // Only a head start: the session's own page fetches what did not come.
    fetch(path, { priority: "low" }).catch(() => {});
  }
}

function saveLog() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([log.text()], { type: "text/plain" }));
  link.download = "launch.log";
  link.click();
  URL.revokeObjectURL(link.href);
}

page.cancel.addEventListener("click", () => {
  page.cancel.disabled = true;
  void client?.cancel(launchId);
});
page.retry.addEventListener("click", () => void launch(true));
page.logContainer.addEventListener("toggle", () => {
  if (page.logContainer.open) void log.show();
});
element("log-download").addEventListener("click", saveLog);
element("confirm-button").addEventListener("click", () => void launch(false));

if (config.problem !== null) {
  page.progress.hidden = false;
  showFailure(config.problem);
  page.retry.hidden = true;
} else if (config.mustConfirm) {
  page.confirm.hidden = false;
} else {
  preload();
  void launch(false);
}
