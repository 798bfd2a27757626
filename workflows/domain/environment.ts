const withheld =
  /^(MILLRACE_|TEMPORAL_)|^(GH|GITHUB|GITEA|FORGEJO|GH_ENTERPRISE|GITHUB_ENTERPRISE)_(TOKEN|PAT)$|^GIT_ASKPASS$|^SSH_AUTH_SOCK$/;

/** Variables that no agent and no check ever sees: forge tokens, and what is ours. */
export function isWithheld(name: string): boolean {
  return withheld.test(name);
}
