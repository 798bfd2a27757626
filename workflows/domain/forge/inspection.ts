import { ok, type Diagnosis } from '../diagnosis.ts';
import { accessFindings } from './access.ts';
import { forgeFacts } from '../forge-facts.ts';
import type { ForgeInspection } from './forge-question.ts';
import { reviewContext } from '../review.ts';
import { lands, type MergeMethod, type Settings } from '../settings.ts';

/** What was found out, and when. */
export interface ForgeTold {
  readonly inspection: ForgeInspection;
  /** Where the credential came from; null: it is not told. Never the credential. */
  readonly credential: string | null;
  /** Epoch ms. */
  readonly now: number;
}

/** The part of the settings that says what is needed of a forge. */
export type ForgeWish = Pick<Settings, 'repository' | 'forge' | 'place' | 'landing' | 'landingRules' | 'ci'>;

/** Below this part of its requests a batch soon waits. */
const LOW_LIMIT = 0.1;

/** What `doctor` says of a forge: what is there, what is missing, and for which policy it is needed. */
export function forgeFindings(wish: ForgeWish, told: ForgeTold): readonly Diagnosis[] {
  const { inspection } = told;
  if (!inspection.base.exists) return [identity(wish, told), ...accessFindings(wish, inspection), noBase(wish)];
  return [
    identity(wish, told),
    ...accessFindings(wish, inspection),
    protection(wish, inspection),
    ...approvals(wish, inspection),
    ...merging(wish, inspection),
    ...limit(told),
    trust(inspection),
  ];
}

function identity({ place }: ForgeWish, { inspection, credential }: ForgeTold): Diagnosis {
  const { server, account, isPrivate } = inspection;
  const where = place ? ` at ${place.url}: ${place.owner}/${place.name}` : '';
  const by = credential === null ? '' : `, by ${credential}`;
  return ok('forge', `${server}${where} (${isPrivate ? 'private' : 'public'}), as ${account.login}${by}`);
}

function noBase({ repository }: ForgeWish): Diagnosis {
  const words = `there is no branch ${repository.base} on the forge`;
  const mend = `push it (\`git push origin ${repository.base}\`), or correct \`repository.base\``;
  return { name: 'forge base', state: 'broken', words, mend };
}

function protection(wish: ForgeWish, { base, autoMerge }: ForgeInspection): Diagnosis {
  const { repository, landing, forge } = wish;
  const name = 'forge protection';
  const branch = repository.base;
  if (landing === 'direct') {
    if (base.isProtected !== true) return ok(name, `${branch} takes pushes, as \`landing: direct\` needs`);
    const words = `${branch} is protected, and \`landing: direct\` pushes to it`;
    const mend = `write \`landing: merge\`, or allow this account to push to ${branch}`;
    return { name, state: 'warning', words, mend };
  }
  const required = base.requiredChecks ?? [];
  if (required.includes(reviewContext)) return ok(name, `${branch} requires ${required.join(', ')}`);
  const now =
    base.isProtected === null || (base.isProtected && base.requiredChecks === null)
      ? `the forge does not tell what ${branch} requires`
      : `${branch} requires ${required.length > 0 ? `${required.join(', ')}, not ${reviewContext}` : 'no status'}`;
  const mend = `make \`${reviewContext}\` a required status of ${branch}: then nobody merges what was not reviewed`;
  // Where a person merges, a rule is theirs to make.
  if (landing === 'auto-merge' && forgeFacts[forge].autoMerge === 'request' && autoMerge !== false) {
    const words = `${now}: the forge binds a scheduled merge to the reviewed commit only when it is asked for, and keeps it over later pushes; what a writer pushes between two looks merges unreviewed`;
    return { name, state: 'warning', words, mend };
  }
  if (!lands(landing)) return ok(name, `${now}; a required \`${reviewContext}\` would keep out what was not reviewed`);
  return { name, state: 'warning', words: now, mend };
}

function approvals({ repository, landing }: ForgeWish, { base, account }: ForgeInspection): readonly Diagnosis[] {
  const wanted = base.requiredApprovals ?? 0;
  if (wanted === 0 || landing === 'direct') return [];
  const name = 'forge approvals';
  const words = `${repository.base} requires ${wanted} approving ${wanted === 1 ? 'review' : 'reviews'}`;
  if (!lands(landing)) return [ok(name, `${words}, by the person who merges`)];
  return [
    {
      name,
      state: 'warning',
      words: `${words}, and ${account.login} cannot approve its own pull requests: such work waits as needs-manual-review`,
      mend: 'have people approve them, let a second account do so, or write `landing: none`',
    },
  ];
}

function merging(wish: ForgeWish, { mergeMethods, autoMerge }: ForgeInspection): readonly Diagnosis[] {
  const { landing, landingRules, forge } = wish;
  if (landing !== 'merge' && landing !== 'auto-merge') return [];
  const name = 'forge merge';
  const method: MergeMethod = landingRules?.method ?? 'merge';
  const [other] = mergeMethods;
  if (!mergeMethods.includes(method)) {
    const words = `the repository does not allow the method ${method} (allowed: ${mergeMethods.join(', ') || 'none'})`;
    const change = other === undefined ? '' : `write \`landing: { policy: ${landing}, method: ${other} }\`, or `;
    return [{ name, state: 'broken', words, mend: `${change}allow ${method} in the settings of the repository` }];
  }
  if (landing === 'merge') return [ok(name, `${method}, by Millrace, when CI is green`)];
  if (forgeFacts[forge].autoMerge === 'nothing') {
    return [ok(name, `${method}, by Millrace, when CI is green: this forge's own auto-merge is bound to no commit`)];
  }
  if (autoMerge !== false) return [ok(name, `${method}, by the forge, when its rules are met`)];
  return [
    {
      name,
      state: 'warning',
      words: `the auto-merge of the forge is off in this repository: Millrace itself waits for green, then merges (${method})`,
      mend: 'allow auto-merge in the settings of the repository, or write `landing: merge`, which says so',
    },
  ];
}

function limit({ inspection, now }: ForgeTold): readonly Diagnosis[] {
  if (inspection.limit === null) return [];
  const { remaining, limit: most, resetsAt } = inspection.limit;
  const minutes = Math.max(0, Math.ceil((resetsAt - now) / 60_000));
  const words = `${remaining} of ${most} requests are left, all of them again in ${minutes} min`;
  if (remaining >= most * LOW_LIMIT) return [ok('forge limit', words)];
  const mend = 'wait until then, or use a credential that nothing else uses';
  return [{ name: 'forge limit', state: 'warning', words, mend }];
}

function trust({ isPrivate }: ForgeInspection): Diagnosis {
  const rule = 'an issue is worked on if its author, or whoever set its label, may write here';
  return ok('forge trust', isPrivate ? `${rule}; \`--trust-anyone\` takes all of a private repository` : rule);
}
