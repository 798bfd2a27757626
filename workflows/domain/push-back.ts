/** An excuse for doing nothing, by the words that agents use, and what has proved to help. */
interface PushBack {
  readonly says: RegExp;
  readonly answer: string;
}

/** From four rounds of 60 to 80 issues closed by small agents; most that were refused at first were simple. */
const pushBacks: readonly PushBack[] = [
  {
    says: /(non-?existent|missing|not found|no such|(does|do|did) ?n[o']t exist|cannot find|could ?n[o']t find|can't find)/i,
    answer: 'The issue may be asking to CREATE those files. Create what is missing.',
  },
  {
    says: /\b(audit|auditing|exhaustive|thorough|comprehensive|extensive)/i,
    answer: 'A partial audit with its findings documented is valid. Do the part that you can and write down the rest.',
  },
  {
    says: /\b(complex|complicated|algorithms?|too (large|big|long|difficult|hard)|out of scope|significant effort)\b/i,
    answer:
      'Read the issue again: it may want validation or a clear error only, not the full implementation. Even a partial implementation counts.',
  },
  {
    says: /\b(design|architectur\w*|product|naming) (decision|choice|question|discussion|review|input)s?\b|\b(ambiguous|unclear|clarif\w+|underspecified|which approach)\b/i,
    answer:
      'Implement the minimal version, and say in your summary which decision you made and what speaks against it.',
  },
];

/** What to answer an agent that did nothing, by its own words; null: it gave no reason that we know. */
export function pushBackAnswer(words: string): string | null {
  return pushBacks.find((each) => each.says.test(words))?.answer ?? null;
}
