/** The contract of the repo-source port, kept by every driver. */
import { createGitRepoSource } from "#drivers/git/git-repo-source.ts";
import { describeRepoSource } from "./repo-source-contract.ts";

describeRepoSource("Git", createGitRepoSource);
