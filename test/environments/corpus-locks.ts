/** Repositories with locks of Python packages, as the tools write them. */
import type { Sample } from "./corpus.ts";

const SIX = "8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254";
const SIX_WHEEL = "six-1.16.0-py2.py3-none-any.whl";
const SIX_URL = `https://files.pythonhosted.org/packages/d9/5a/e7c31adbe875f2abbb91bd84cf2dc52d792b5a01506781dbcf25c91daf11/${SIX_WHEEL}`;

export const LOCKS: readonly Sample[] = [
  {
    name: "pylock.toml",
    files: {
      "pylock.toml": `lock-version = "1.0"\ncreated-by = "x"\nrequires-python = ">=3.8"\n\n[[packages]]\nname = "six"\nversion = "1.16.0"\nwheels = [{ url = "${SIX_URL}", hashes = { sha256 = "${SIX}" } }]\n`,
    },
    engine: "local",
    inside: { "version('six')": "1.16.0" },
  },
  {
    name: "Pipfile and Pipfile.lock",
    files: {
      Pipfile: '[packages]\nsix = "*"\n\n[dev-packages]\nidna = "*"\n',
      "Pipfile.lock": JSON.stringify({
        _meta: { "pipfile-spec": 6, requires: {}, sources: [] },
        default: { six: { hashes: [`sha256:${SIX}`], version: "==1.16.0" } },
        develop: { idna: { version: "==3.6" } },
      }),
    },
    engine: "local",
    inside: { "version('six') + ' ' + version('idna')": "1.16.0 3.6" },
  },
  {
    name: "Pipfile alone",
    files: { Pipfile: '[packages]\nsix = "==1.15.0"\n[dev-packages]\nidna = "==3.6"\n' },
    plans: ["six==1.15.0", "idna==3.6"],
    inside: { "version('six') + ' ' + version('idna')": "1.15.0 3.6" },
  },
  {
    name: "poetry.lock",
    files: {
      "pyproject.toml":
        '[tool.poetry]\nname = "p"\nversion = "1"\ndescription = ""\nauthors = []\npackage-mode = false\n[tool.poetry.dependencies]\npython = "^3.9"\nsix = "^1.15"\n',
      "poetry.lock": `[[package]]\nname = "six"\nversion = "1.16.0"\ndescription = ""\noptional = false\npython-versions = "*"\nfiles = [{file = "${SIX_WHEEL}", hash = "sha256:${SIX}"}]\n\n[metadata]\nlock-version = "2.0"\npython-versions = "^3.9"\ncontent-hash = "x"\n`,
    },
    engine: "local",
    inside: { "version('six')": "1.16.0" },
  },
  {
    name: "poetry without its lock",
    files: {
      "pyproject.toml":
        '[tool.poetry]\nname = "p"\nversion = "1"\ndescription = ""\nauthors = []\npackage-mode = false\n[tool.poetry.dependencies]\npython = "^3.9"\nsix = "~1.15"\n',
    },
    inside: { "version('six')": "1.15.0" },
  },
  {
    name: "hashes in a requirements file",
    files: { "requirements.txt": `six==1.16.0 \\\n    --hash=sha256:${SIX}\n` },
    inside: { "version('six')": "1.16.0" },
  },
  {
    name: "a lock that is no JSON",
    files: { Pipfile: "[packages]\n", "Pipfile.lock": "{" },
    refused: ["config-invalid", "Pipfile.lock"],
  },
];
