import { vi } from 'vitest';
import type { LiveTarget } from './target.ts';

/** What the suite does on a server besides the adapter: as a person would, by the same account. */
export interface LiveRest {
  /** Presses the button of a pull request. */
  merge(number: number): Promise<void>;
  labels(): Promise<ReadonlyMap<string, number>>;
  removeLabel(label: { readonly id: number; readonly name: string }): Promise<void>;
}

export function createLiveRest({ kind, place }: LiveTarget, token: string): LiveRest {
  const api = kind === 'gitea' ? `${place.url}/api/v1` : githubApi(place.url);
  const at = `${api}/repos/${place.owner}/${place.name}`;
  const send = (method: string, path: string, body?: unknown) =>
    fetch(`${at}${path}`, {
      method,
      headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(30_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const must = async (method: string, path: string, body?: unknown) => {
    const answer = await send(method, path, body);
    if (!answer.ok)
      throw new Error(`${method} ${path} answered ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
    return answer;
  };
  return {
    async merge(number) {
      const [method, body] = kind === 'gitea' ? ['POST', { Do: 'merge' }] : ['PUT', { merge_method: 'merge' }];
      // Both look for conflicts first, and say until then that it cannot be merged.
      await vi.waitFor(() => must(method as string, `/pulls/${number}/merge`, body), {
        timeout: 60_000,
        interval: 2_000,
      });
    },
    async labels() {
      const found = new Map<string, number>();
      for (let page = 1; ; page++) {
        const size = kind === 'gitea' ? 'limit=50' : 'per_page=100';
        const labels = (await (await must('GET', `/labels?${size}&page=${page}`)).json()) as {
          id: number;
          name: string;
        }[];
        if (labels.length === 0) return found;
        for (const { id, name } of labels) found.set(name, id);
      }
    },
    async removeLabel({ id, name }) {
      await must('DELETE', `/labels/${kind === 'gitea' ? id : encodeURIComponent(name)}`);
    },
  };
}

function githubApi(url: string): string {
  return url === 'https://github.com' ? 'https://api.github.com' : `${url}/api/v3`;
}
