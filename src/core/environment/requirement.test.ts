/** Requirements as the standard reads them. */
import { expect, test } from "vitest";
import { formatRequirement, normalizeName, parseMarker, parseRequirement } from "./requirement.ts";

test.each([
  ["numpy", "numpy"],
  ["NumPy", "numpy"],
  ["jupyter_server", "jupyter-server"],
  ["zope.interface", "zope-interface"],
  ["a--b__c..d", "a-b-c-d"],
])("the name %s is %s", (written, normal) => {
  expect(normalizeName(written)).toBe(normal);
});

test.each([
  ["numpy", "numpy"],
  ["numpy >= 1.20 , <2", "numpy<2,>=1.20"],
  ["numpy(>=1.20)", "numpy>=1.20"],
  ["numpy==1.26.*", "numpy==1.26.*"],
  ["numpy ~= 1.4.2,", "numpy~=1.4.2"],
  ["numpy===1.0+local", "numpy===1.0+local"],
  ["Requests [Security , socks]>=2", "requests[security,socks]>=2"],
  ["x[]", "x"],
  ["x; python_version<'3.9'", 'x ; python_version < "3.9"'],
  [
    "x>1 ;(python_version <'3.9'and os_name!= \"nt\") or extra == 'a'",
    'x>1 ; (python_version < "3.9" and os_name != "nt") or extra == "a"',
  ],
  ["x ; 'linux' in sys_platform", 'x ; "linux" in sys_platform'],
  ["x ; sys_platform not in 'win32 darwin'", 'x ; sys_platform not in "win32 darwin"'],
  ["pip @ https://example.org/pip.zip", "pip @ https://example.org/pip.zip"],
  ["pip@https://example.org/a;b.zip", "pip @ https://example.org/a;b.zip"],
  [
    "pip @ git+https://example.org/pip@main ; python_version>'3'",
    'pip @ git+https://example.org/pip@main ; python_version > "3"',
  ],
])("%s means %s", (written, normal) => {
  const outcome = parseRequirement(written);
  expect(outcome.kind === "parsed" ? formatRequirement(outcome.requirement) : outcome).toBe(normal);
});

test.each([
  ["numpy=1.2", /single "="/],
  ["pandas 1.0", /not a version clause/],
  ["import numpy", /not a version clause/],
  ["numpy>=", /not a version clause/],
  ["<!DOCTYPE html>", /does not begin/],
  ["x[a", /never closed/],
  ["x[a b]", /not the name of an extra/],
  ["x @ ", /not an address/],
  ["x @ https://example.org/a b", /not an address/],
  ["x; python_version", /not an environment marker/],
  ["x; (os_name == 'a'", /not an environment marker/],
  ["x; os_name == 'a' or", /not an environment marker/],
  ["x; colour == 'red'", /not an environment marker/],
])("%s is refused with the reason", (written, because) => {
  const outcome = parseRequirement(written);
  expect(outcome).toMatchObject({ kind: "malformed", because: expect.stringMatching(because) });
});

test("a marker with thousands of parentheses is refused instead of exhausting the stack", () => {
  const text = `${"(".repeat(100_000)}os_name == "a"${")".repeat(100_000)}`;
  expect(parseMarker(text).kind).toBe("malformed");
});
