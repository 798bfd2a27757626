import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { unique, type Scene } from './stage.ts';

/** What a forge tells of a text that changes after a label was set; one without issues tells nothing. */
export function editBehaviour({ stage }: Scene): void {
  const labelled = async () => {
    const { forge } = stage();
    const issue = await stage().newIssue();
    const label = unique('handed');
    const number = issue.number ?? Number.NaN;
    const setAt = async () => {
      await forge.label(issue, { add: [label], remove: [] });
      const found = (await forge.labelSetters(number)).find((each) => each.label === label);
      return found?.at ?? Number.NaN;
    };
    const editedAt = async () => (await forge.textEditedAt(number)) ?? 0;
    const takeOff = () => forge.label(issue, { add: [], remove: [label] });
    return { issue, setAt, editedAt, takeOff };
  };

  it('a text that nobody edited was not edited after its label, however soon that was set', async () => {
    const { forge } = stage();
    if (!(await forge.capabilities()).issues) {
      await expect(forge.textEditedAt(1)).rejects.toMatchObject({ kind: 'unsupported' });
      return;
    }
    const { setAt, editedAt } = await labelled();
    const at = await setAt();
    expect(Math.abs(at - Date.now())).toBeLessThan(10 * 60_000);
    expect(await editedAt()).toBeLessThan(at);
  });

  it.each(['title', 'body'] as const)(
    'a %s that is edited after the label is, until the label is set anew',
    async (part) => {
      const { editIssue } = stage();
      if (!editIssue) return;
      const { issue, setAt, editedAt, takeOff } = await labelled();
      const at = await setAt();
      await later(at);
      await editIssue(issue, { [part]: 'Something else' });
      const edited = await editedAt();
      expect(edited).toBeGreaterThan(at);
      await later(edited);
      await takeOff();
      expect(await setAt()).toBeGreaterThan(await editedAt());
    },
  );
}

/** Waits until a forge on this machine writes another second: it tells no parts of one. */
async function later(than: number): Promise<void> {
  while (Date.now() < than + 1_000) await sleep(than + 1_000 - Date.now());
}
