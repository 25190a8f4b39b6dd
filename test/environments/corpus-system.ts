/** Repositories that need Debian packages, JavaScript or conda. */
import type { Sample } from "./corpus.ts";

const IS_ODD = JSON.stringify({
  name: "n",
  private: true,
  dependencies: { "is-odd": "3.0.1" },
  engines: { node: ">=18" },
});

export const SYSTEM: readonly Sample[] = [
  {
    name: "Debian packages at their places, with what their scripts make, beside Python and a postBuild that uses them",
    files: {
      "apt.txt": "# drawing\ngraphviz\n\ntree # and a tree\nlibsqlite3-dev\n",
      "requirements.txt": "six\n",
      postBuild: "#!/bin/sh\necho 'digraph{a->b}' | dot -Tsvg > graph.svg\n",
    },
    plans: ["apt graphviz", "apt tree"],
    engine: "local",
    inside: {
      "sh('which tree dot')": "/usr/bin/tree\n/usr/bin/dot",
      "'</svg>' in open('graph.svg').read()": "True",
      "sh('echo \"digraph{a->b}\" | dot -Tplain | head -1')": "graph 1 0.75 1.5",
      "sh('dpkg-query -W -f=\\\\${Status} graphviz')": "install ok installed",
      "os.path.exists('/usr/include/sqlite3.h')": "True",
      "os.access('/usr/bin', os.W_OK)": "False",
      "sh('id -un')": "jovyan",
    },
  },
  {
    name: "package.json of npm, beside Python",
    files: { "package.json": IS_ODD, "environment.txt": "" },
    plans: ["npm install ."],
    engine: "local",
    inside: {
      "sh('node -e \"process.stdout.write(String(require(\\'is-odd\\')(3)))\"')": "true",
      "'/home/jovyan/node_modules/.bin' in os.environ['PATH'].split(':')": "True",
    },
  },
  {
    name: "package.json that wants another Node than any",
    files: { "package.json": IS_ODD.replace(">=18", "^4.0.0") },
    plans: ["npm install ."],
  },
  {
    name: "options in apt.txt",
    files: { "apt.txt": "vim --allow-unauthenticated\n" },
    refused: ["config-invalid", "apt.txt"],
  },
  {
    name: "shell text in apt.txt",
    files: { "apt.txt": "vim; echo pwned > /etc/x\n" },
    refused: ["config-invalid", "apt.txt"],
  },
  {
    name: "a command in apt.txt",
    files: { "apt.txt": "apt-get install -y foo\n" },
    refused: ["config-invalid", "apt.txt"],
  },
  { name: "a version in apt.txt", files: { "apt.txt": "jq=1.6-2.1\n" }, plans: ["apt jq=1.6-2.1"] },
  {
    name: "environment.yml",
    files: {
      "environment.yml":
        "channels: [conda-forge]\ndependencies:\n  - python=3.12\n  - numpy>=1.2\n  - pip:\n    - six\n",
    },
    plans: ["conda environment environment.yml", "channel conda-forge", "six"],
    engine: "container",
  },
  {
    name: "environment.yml that is a list",
    files: { "environment.yml": "- python\n" },
    refused: ["config-invalid", "environment.yml"],
  },
  {
    name: "explicit conda specs",
    files: {
      "conda-linux-64.lock":
        "@EXPLICIT\nhttps://conda.anaconda.org/conda-forge/linux-64/python-3.12.4-h194c7f8_0_cpython.conda#0\n",
    },
  },
  {
    name: "pixi.toml",
    files: {
      "pixi.toml":
        '[workspace]\nname = "p"\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n[dependencies]\npython = "3.12.*"\n',
    },
    plans: ["conda environment pixi.toml"],
    engine: "container",
  },
];
