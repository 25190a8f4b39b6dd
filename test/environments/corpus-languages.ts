/** Repositories of other languages, and those that bring an image of their own. */
import type { Sample } from "./corpus.ts";

export const LANGUAGES: readonly Sample[] = [
  {
    name: "install.R alone, which repo2docker passes over",
    files: { "install.R": 'install.packages("dplyr")\n' },
    plans: ["install.R install.R"],
    engine: "container",
  },
  {
    name: "R without a date",
    files: { "runtime.txt": "r-4.3\n", "install.R": "1\n" },
    plans: ["r 4.3 of today"],
    engine: "container",
  },
  {
    name: "R with a date",
    files: { "runtime.txt": "r-4.2-2023-06-01\n" },
    plans: ["r 4.2 of 2023-06-01"],
    engine: "container",
  },
  {
    name: "DESCRIPTION",
    files: { DESCRIPTION: "Package: a\nVersion: 1.0\nTitle: T\n" },
    plans: ["DESCRIPTION DESCRIPTION"],
    engine: "container",
  },
  {
    name: "renv.lock",
    files: { "renv.lock": '{"R":{"Version":"4.3.1","Repositories":[]},"Packages":{}}' },
    plans: ["renv.lock renv.lock"],
    engine: "container",
  },
  {
    name: "Project.toml",
    files: { "Project.toml": '[deps]\n[compat]\njulia = "~1.10"\n' },
    plans: ["julia 1.10 Project.toml"],
    engine: "container",
  },
  {
    name: "REQUIRE",
    files: { REQUIRE: "julia 0.6\n" },
    refused: ["config-unsupported", "REQUIRE"],
  },
  {
    name: "default.nix",
    files: { "default.nix": "{}: {}\n" },
    plans: ["nix default.nix"],
    engine: "container",
  },
  {
    name: "flake.nix",
    files: { "flake.nix": "{ outputs = _: {}; }\n" },
    plans: ["nix flake.nix"],
    engine: "container",
  },
  {
    name: "Dockerfile",
    files: { Dockerfile: "FROM debian\n", "requirements.txt": "six\n" },
    plans: ["dockerfile Dockerfile"],
    engine: "container",
  },
  {
    name: "a root Dockerfile beside a binder directory",
    files: { Dockerfile: "FROM debian\n", "binder/requirements.txt": "six\n" },
    plans: ["six"],
    plansNot: ["dockerfile Dockerfile"],
    engine: "local",
  },
  {
    name: "devcontainer.json with an image",
    files: {
      ".devcontainer/devcontainer.json": '{ // comment\n "image": "mcr.example/python:3" }',
    },
    plans: ["image mcr.example/python:3"],
    engine: "container",
  },
  {
    name: "R and Python together",
    files: { "install.R": "1\n", "requirements.txt": "six\n" },
    plans: ["six", "install.R install.R"],
  },
];
