/** What a session's processes are told about where they come from. */
import { binderRequest, persistentRequest, refUrl, repoUrl } from "#core/repo/provider.ts";
import type { SessionPurpose } from "#core/session/session.ts";

/** The variables that BinderHub's spawner sets. */
export function sessionVariables(
  { repo, clientAddress }: SessionPurpose,
  publicUrl: string,
): Readonly<Record<string, string>> {
  return {
    BINDER_REPO_URL: repoUrl(repo),
    BINDER_REF_URL: refUrl(repo),
    BINDER_LAUNCH_HOST: publicUrl,
    BINDER_REQUEST: binderRequest(repo),
    BINDER_PERSISTENT_REQUEST: persistentRequest(repo),
    BINDER_CLIENT_IP: clientAddress ?? "",
  };
}
