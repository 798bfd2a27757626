/** Also what only names a server or a file: it leads to a token, and to an account that an agent should not act as. */
const withheld = /^(MILLRACE|TEMPORAL|GH|GITHUB|GITEA|FORGEJO|TEA)_|^GIT_ASKPASS$|^SSH_AUTH_SOCK$/;

/** Variables that no agent and no check ever sees: those of forges and their tools, and what is ours. */
export function isWithheld(name: string): boolean {
  return withheld.test(name);
}
