import { lands, type Settings } from '../settings.ts';

/** What a credential may be allowed to do; `ci`: to see checks and runs; `workflows`: to push files of CI. */
export type Right = 'push' | 'issues' | 'pull-requests' | 'statuses' | 'ci' | 'workflows';

/** A right that is needed and not there. */
export interface MissingRight {
  readonly right: Right;
  /** What the forge calls it: a scope, or a permission. */
  readonly words: string;
}

/** The part of the settings that decides what is needed. */
export type RightWish = Pick<Settings, 'landing' | 'ci'>;

/** What follows from a missing right: `broken` stops every policy; `nothing`: nobody needs it here. */
export type Need =
  | { readonly kind: 'broken' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'partial'; readonly words: string };

/** What goes wrong without that right, under these settings. */
export function needOf(right: Right, { landing, ci }: RightWish): Need {
  switch (right) {
    case 'push':
    case 'issues':
    case 'pull-requests':
    case 'statuses':
      return { kind: 'broken' };
    case 'workflows':
      return { kind: 'partial', words: 'work that changes files of CI cannot be pushed' };
    case 'ci':
      if (lands(landing)) {
        const blind = `\`landing: ${landing}\` does not see all of CI, and merges nothing where a required check is unknown`;
        return { kind: 'partial', words: blind };
      }
      if (ci === undefined) return { kind: 'nothing' };
      return { kind: 'partial', words: 'a red CI is not seen in full, and not mended' };
  }
}
