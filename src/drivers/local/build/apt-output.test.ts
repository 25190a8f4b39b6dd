/** What apt and dpkg say is read as it is: tables of real answers. */
import { describe, expect, it } from "vitest";
import { archiveName, comingPackages, explainApt, explainDpkg } from "./apt-output.ts";

const WANTED = [
  { name: "jq", version: null, source: { file: "apt.txt", line: 1 } },
  { name: "sl", version: "9.9", source: { file: "apt.txt", line: 2 } },
];

describe("what apt would install", () => {
  it("is read from its simulation, with what it replaces", () => {
    const said = [
      "Inst libjq1 [1.6-2.1] (1.6-2.1+deb12u3 Debian-Security:12/stable-security [amd64]) []",
      "Inst tesseract-ocr-eng (1:4.1.0-2 Debian:12.11/stable [all])",
      "Inst libc6:i386 (2.36-9 Debian:12.11/stable [i386])",
      "Conf libjq1 (1.6-2.1+deb12u3 Debian-Security:12/stable-security [amd64])",
    ].join("\n");
    expect(comingPackages(said)).toEqual([
      { name: "libjq1", version: "1.6-2.1+deb12u3", architecture: "amd64" },
      { name: "tesseract-ocr-eng", version: "1:4.1.0-2", architecture: "all" },
      { name: "libc6", version: "2.36-9", architecture: "i386" },
    ]);
  });

  it("lies in files whose names have no colon", () => {
    const one = { name: "a", version: "1:4~rc1+b", architecture: "all" };
    expect(archiveName(one)).toBe("a_1%3a4~rc1+b_all.deb");
  });
});

describe("why apt refuses", () => {
  it.each([
    ["E: Unable to locate package jq", "resolve-failed", "apt.txt:1"],
    ["E: Version '9.9' for 'sl' was not found", "resolve-failed", "apt.txt:2"],
    ["E: Package 'jq' has no installation candidate", "resolve-failed", "apt.txt:1"],
    [
      "Err:1 http://deb.debian.org x\n  Temporary failure resolving 'deb.debian.org'",
      "index-unreachable",
      "deb.debian.org",
    ],
    [
      " jq : Depends: libjq1 (= 2) but 1 is to be installed\nE: Unable to correct problems",
      "resolve-failed",
      "libjq1 (= 2)",
    ],
  ])("%s", (said, code, part) => {
    const failure = explainApt(said, WANTED);
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(part);
    expect(failure.detail?.step).toBe("apt");
  });
});

describe("why dpkg cannot do it without root", () => {
  it("names the package, its line and the way out", () => {
    const said = [
      "dpkg: error processing archive /srv/inputs/debs/sl_5.02-1_amd64.deb (--install):",
      " error setting ownership of './usr/bin/sl': Invalid argument",
    ].join("\n");
    const failure = explainDpkg(said, WANTED);
    expect(failure).toMatchObject({
      code: "config-unsupported",
      detail: { package: "sl", line: 2 },
    });
    expect(failure.message).toContain("container builder");
  });
});
