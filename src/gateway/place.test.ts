/** What an address means, before anything is looked up. */
import { expect, test } from "vitest";
import { placeOf } from "./place.ts";

const SESSION = "k3j9x0q2m5n8b7v4c1z6";

test.each([
  [`/user/${SESSION}/`, { kind: "session", id: SESSION, rest: "" }],
  [`/user/${SESSION}/lab?token=x`, { kind: "session", id: SESSION, rest: "lab?token=x" }],
  [`/user/${SESSION}//x`, { kind: "session", id: SESSION, rest: "/x" }],
  [`/user/${SESSION}`, { kind: "session-without-slash", id: SESSION, query: "" }],
  [`/user/${SESSION}?a=1`, { kind: "session-without-slash", id: SESSION, query: "?a=1" }],
  ["/user/", { kind: "nothing" }],
  ["/user", { kind: "nothing" }],
  ["/user?x", { kind: "nothing" }],
  ["/user//lab", { kind: "nothing" }],
  ["/static-server", { kind: "nothing" }],
  ["/static-server/abc", { kind: "nothing" }],
  ["/static-server/abc/", { kind: "nothing" }],
  ["/static-server/../x", { kind: "nothing" }],
  ["/static-server/abc/lab/main.js?v=1", { kind: "asset", server: "abc", path: "lab/main.js" }],
  ["/", { kind: "api" }],
  ["/users/x", { kind: "api" }],
  ["/build/gh/a/b/main", { kind: "api" }],
  ["/%75ser/x/", { kind: "api" }],
  ["*", { kind: "malformed" }],
  ["http://elsewhere.example/user/x/", { kind: "malformed" }],
  ["", { kind: "malformed" }],
])("%s is told from its target alone", (target, place) => {
  expect(placeOf(target)).toEqual(place);
});

test.each(["A", "a_b", "..", "-a", "a-", "a%2Fb", "a;b", "a".repeat(65), "a\\b", "%61"])(
  "an id like %s is no session, without any look-up",
  (id) => {
    expect(placeOf(`/user/${id}/lab`)).toEqual({ kind: "no-session" });
  },
);

test.each([
  "api/bindery/claim",
  "api/bindery/claim/",
  "api/bindery/claim?x=1",
  "api/bindery/claimed",
  "api//bindery/claim",
  "/api/bindery/claim",
  "./api/bindery/claim",
  "x/../api/bindery/claim",
  "api%2Fbindery%2Fclaim",
  "api/bindery/%63laim",
  "api/%62indery/claim",
  "%61pi/bindery/claim",
  "api/bindery%252Fclaim",
  "API/Bindery/CLAIM",
  "api\\bindery\\claim",
  "api/bindery;x=1/claim",
  "lab/%2e%2e/api/bindery/claim",
])("the claim of a warm server cannot be reached from outside as %s", (rest) => {
  expect(placeOf(`/user/${SESSION}/${rest}`)).toEqual({ kind: "internal" });
});

test.each([
  "api/bindery/notices",
  "api/contents/bindery/claim",
  "lab?next=api/bindery/claim",
  "files/100%25.txt",
  "files/%zz",
])("%s goes to the session", (rest) => {
  expect(placeOf(`/user/${SESSION}/${rest}`)).toEqual({ kind: "session", id: SESSION, rest });
});
