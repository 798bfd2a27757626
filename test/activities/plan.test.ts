import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPlanActivities } from '../../activities/plan.ts';
import { createRepositories } from '../../activities/repository/repository.ts';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import { registerRepository, type RegisteredRepository } from '../support/git/registered-repository.ts';

const document: IssueDocument = {
  id: '1',
  key: '1',
  title: 'T',
  priority: 'high',
  dependencies: ['0'],
  files: ['src/'],
  body: 'private words',
  labels: ['x'],
  skip: null,
  textHash: 'a'.repeat(64),
};

describe('loadPlan', () => {
  let repository: RegisteredRepository;
  const pages = async (issues: readonly IssueDocument[]) => {
    const { sha256 } = await repository.artifacts.put({ version: 1, name: 'p', issues });
    const { loadPlan } = createPlanActivities({ repositories: createRepositories(repository.root) });
    const read = [await loadPlan({ ...repository.ref, plan: sha256, cursor: 0 })];
    for (let next = read[0]?.next ?? null; next !== null && read.length < 100; next = read.at(-1)?.next ?? null) {
      read.push(await loadPlan({ ...repository.ref, plan: sha256, cursor: next }));
    }
    return read;
  };
  beforeAll(async () => {
    repository = await registerRepository();
  });
  afterAll(() => repository.dispose());

  it('gives the facts of the issues and none of their texts', async () => {
    const { id, key, title, priority, dependencies, files } = document;
    expect(await pages([document])).toEqual([
      { issues: [{ id, key, title, priority, dependencies, files }], skips: [], next: null },
    ]);
  });

  it('names what is not to be worked on, and why', async () => {
    const [page] = await pages([document, { ...document, key: '2', skip: 'status: completed' }]);
    expect(page?.issues).toHaveLength(2);
    expect(page?.skips).toEqual([{ key: '2', reason: 'status: completed' }]);
  });

  it('tells where dependents may not start on what is left out, and what was approved', async () => {
    const pin = { textHash: 'a'.repeat(64), readAt: '2026-11-26T10:00:00.000Z' };
    const [page] = await pages([{ ...document, pin, skip: 'it has the label wontfix', skipSatisfies: false }]);
    expect(page?.skips).toEqual([{ key: document.key, reason: 'it has the label wontfix', satisfies: false }]);
    expect(page?.issues[0]?.pin).toEqual(pin);
  });

  it('pages of at most 500 issues and 100 KB hold each issue once, in order', async () => {
    const many = Array.from({ length: 1_200 }, (_, index) => ({
      ...document,
      key: `k${index}`,
      title: 'ü'.repeat(index % 300),
    }));
    const read = await pages(many);
    expect(read.flatMap((page) => page.issues.map((issue) => issue.key))).toEqual(many.map((issue) => issue.key));
    for (const page of read) {
      expect(page.issues.length).toBeLessThanOrEqual(500);
      expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(101_000);
    }
  });

  it('an issue that is bigger than a page goes alone', async () => {
    const big = { ...document, files: Array.from({ length: 5_000 }, (_, index) => `src/some/long/path/${index}.ts`) };
    const read = await pages([document, big, document]);
    expect(read.map((page) => page.issues.length)).toEqual([1, 1, 1]);
  });

  it('an empty plan is one empty page', async () => {
    expect(await pages([])).toEqual([{ issues: [], skips: [], next: null }]);
  });
});
