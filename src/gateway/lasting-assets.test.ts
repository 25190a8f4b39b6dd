/** Which files of sessions browsers may keep. */
import { expect, test } from "vitest";
import { isLastingPath, withLastingCache } from "./lasting-assets.ts";

test.each([
  "/user/s1/static/lab/main.efd36b46f3b45eb8.js?v=efd36b46f3b45eb8",
  "/user/s1/static/lab/1014.073326ef5d98db5e.js",
  "/user/s1/static/lab/0031b1860ea4ad75.woff",
  "/user/s1/static/lab/jlab_core.0dc5eacf8f731ec8.js.map",
  "/user/s1/static/notebook/3801.f95fd77f6aad0eb0.js",
  "/user/s1/lab/extensions/@scope/name/static/remoteEntry.ab12cd34ef56ab78.js",
  `/user/s1/static/favicons/favicon.ico?v=${"5".repeat(128)}`,
])("%s holds its content's hash and may be kept for good", (target) => {
  expect(isLastingPath(target)).toBe(true);
});

test.each([
  "/user/s1/static/lab/index.html",
  "/user/s1/static/favicons/favicon.ico",
  "/user/s1/static/lab/main.js?v=20260101",
  "/user/s1/lab/extensions/name/static/style.js",
  "/user/s1/files/data.efd36b46f3b45eb8.csv",
  "/user/s1/api/contents/efd36b46f3b45eb8.js",
  "/user/s1/lab?v=efd36b46f3b45eb8",
  "/static/lab/main.efd36b46f3b45eb8.js",
])("%s may change, and is asked for again", (target) => {
  expect(isLastingPath(target)).toBe(false);
});

test("what the session said about keeping it is replaced", () => {
  const headers = ["Content-Type", "text/css", "cache-control", "no-cache", "Expires", "0"];
  expect(withLastingCache(headers)).toEqual([
    "Content-Type",
    "text/css",
    "Cache-Control",
    "private, max-age=31536000, immutable",
  ]);
});
