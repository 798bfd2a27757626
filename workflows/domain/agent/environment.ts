/** Also variables that only name a server or a file: they lead to a token, or to an account that no agent may use. */
const withheld = /^(MILLRACE|TEMPORAL|GH|GITHUB|GITEA|FORGEJO|TEA)_|^GIT_ASKPASS$|^SSH_AUTH_SOCK$/;

/** Whether a variable is kept from every agent and check: those of forges, of their tools, and our own. */
export function isWithheld(name: string): boolean {
  return withheld.test(name);
}
