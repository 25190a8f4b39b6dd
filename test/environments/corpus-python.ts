/** Repositories that need Python and nothing else. */
import type { Sample } from "./corpus.ts";

const PACKAGE = {
  "hello_pkg/__init__.py": "def greet():\n    return 'hello'\n",
};
const BUILD =
  '[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"\n';
const PROJECT = '[project]\nname = "hello-pkg"\nversion = "1.2"\ndependencies = ["six==1.16.0"]\n';

export const PYTHON: readonly Sample[] = [
  {
    name: "nothing but a notebook",
    files: { "README.md": "# Hello\n", "a.ipynb": "{}" },
    engine: "local",
    inside: {
      "os.getcwd()": "/home/jovyan",
      "sys.prefix": "/srv/env",
      "os.environ['REPO_DIR'] + ' ' + os.environ['HOME']": "/home/jovyan /home/jovyan",
      "os.environ['NB_USER'] + ' ' + os.environ['USER']": "jovyan jovyan",
      "os.environ['BINDER_REQUEST'].split('/')[1]": "local",
      "sh('id -u')": "1000",
      "sh('command -v python')": "/srv/env/bin/python",
      "sh('ls')": "README.md\na.ipynb",
    },
  },
  {
    name: "requirements with comments, constraints, markers and a file of a file",
    files: {
      "requirements.txt":
        "# what we need\n-r more.txt\n-c limits.txt\nattrs  # newest\ntomli; python_version < '3.0'\n",
      "more.txt": "six\n",
      "limits.txt": "six==1.15.0\n",
    },
    plans: ["attrs", "six"],
    inside: {
      "version('six')": "1.15.0",
      "installed('tomli')": "False",
      "installed('attrs')": "True",
    },
  },
  {
    name: "a package of the repository beside its requirements, in a binder directory",
    files: {
      ...PACKAGE,
      "pyproject.toml": `${BUILD}${PROJECT}[tool.setuptools]\npackages = ["hello_pkg"]\n`,
      "binder/requirements.txt": "-e .\nidna==3.6\n",
      "binder/postBuild":
        '#!/bin/bash\nset -e\npwd > where.txt\nid -un >> where.txt\npython -c "import hello_pkg; print(hello_pkg.greet())" >> where.txt\n',
      "binder/start": '#!/bin/bash\nexport STARTED_BY="$1"\nexport FROM_START=yes\nexec "$@"\n',
      "requirements.txt": "numpy\n",
    },
    plans: ["editable .", "idna==3.6", "run binder/postBuild"],
    plansNot: ["numpy"],
    inside: {
      "__import__('hello_pkg').greet()": "hello",
      "version('six') + ' ' + version('idna')": "1.16.0 3.6",
      "open('where.txt').read().split('\\n')[0]": "/home/jovyan",
      "open('where.txt').read().split('\\n')[2]": "hello",
      "os.environ['FROM_START']": "yes",
    },
  },
  {
    name: "pyproject without a build system, as uv init makes it",
    files: {
      "pyproject.toml":
        '[project]\nname = "notes"\nversion = "0.1.0"\nrequires-python = ">=3.9"\ndependencies = ["six==1.16.0"]\n\n[dependency-groups]\ndev = ["idna==3.6"]\n',
    },
    plans: ["six==1.16.0"],
    inside: { "version('six')": "1.16.0", "installed('notes')": "False" },
  },
  {
    name: "setup.py alone",
    files: {
      ...PACKAGE,
      "setup.py":
        "from setuptools import setup\nsetup(name='hello-pkg', version='3', packages=['hello_pkg'], install_requires=['six==1.16.0'])\n",
    },
    plans: ["project ."],
    inside: { "version('hello-pkg') + ' ' + version('six')": "3 1.16.0" },
  },
  {
    name: "setup.cfg with a setup.py of one line",
    files: {
      ...PACKAGE,
      "setup.py": "from setuptools import setup\nsetup()\n",
      "setup.cfg":
        "[metadata]\nname = hello-pkg\nversion = 4\n[options]\npackages = hello_pkg\ninstall_requires =\n    six==1.15.0\n",
    },
    plans: ["project ."],
    inside: { "version('hello-pkg') + ' ' + version('six')": "4 1.15.0" },
  },
  {
    name: "runtime.txt with a patch release",
    files: { "runtime.txt": "python-3.12.4\n", "requirements.txt": "six\n" },
    plans: ["python 3.12.4"],
  },
  {
    name: "runtime.txt with nothing but a number",
    files: { "runtime.txt": "3.12\n" },
    plans: ["python 3.12"],
  },
  { name: ".python-version", files: { ".python-version": "3.12\n" }, plans: ["python 3.12"] },
  {
    name: "requires-python decides where nothing else does",
    files: {
      "pyproject.toml": '[project]\nname = "a"\nversion = "1"\nrequires-python = ">=3.12"\n',
    },
    plans: ["python 3.12"],
  },
  {
    name: "both binder directories",
    files: { "binder/requirements.txt": "six\n", ".binder/requirements.txt": "six\n" },
    refused: ["config-conflict", ".binder"],
  },
  {
    name: "a requirements file in UTF-16",
    files: { "requirements.txt": "s\u0000i\u0000x\u0000;;;\n" },
    refused: ["config-invalid", "requirements.txt"],
  },
  {
    name: "a requirements file that is no such thing",
    files: { "requirements.txt": "six\n$(rm -rf /)\n" },
    refused: ["config-invalid", "requirements.txt"],
  },
  {
    name: "pyproject that is no TOML",
    files: { "pyproject.toml": "[project\nname=" },
    refused: ["config-invalid", "pyproject.toml"],
  },
  {
    name: "the server of the repository itself",
    files: { "requirements.txt": "jupyterlab==4.2.5\n" },
    plans: ["jupyterlab==4.2.5"],
  },
];
