/** An excuse for doing nothing: the words that agents use for it, and the answer that has proved to help. */
interface PushBack {
  readonly says: RegExp;
  readonly answer: string;
}

/** From four rounds of 60 to 80 issues for small agents: most of those that they refused at first were simple. */
const pushBacks: readonly PushBack[] = [
  {
    says: /\bnon-?existent\b|\bno such (file|folder|director|module|class|function)|\b(does|do|did)(n't| not) exist\b|\b(file|path|module|folder)s? (is|are|was|were|could|can)?\s?(missing|not (be )?found)\b|\bmissing (file|path|module|folder)s?\b|\b(cannot|can't|could not|couldn't) find\b/i,
    answer: 'The issue may be asking to CREATE those files. Create what is missing.',
  },
  {
    says: /\b(extensive|exhaustive|thorough|full|manual) (\w+ )?(audit|review|analysis|investigation)|\brequires? (an? )?(\w+ )?audit/i,
    answer: 'A partial audit with its findings documented is valid. Do the part that you can and write down the rest.',
  },
  {
    says: /\bcomplex\b|\bcomplicated\b|\btoo (large|big|long|difficult|hard|much)\b|\bsignificant (effort|work|refactor)/i,
    answer:
      'Read the issue again: it may want validation or a clear error only, not the full implementation. Even a partial implementation counts.',
  },
  {
    says: /\b(design|architectur\w+|product|naming) (decision|choice|question|discussion|input)s?\b|\b(ambiguous|unclear|underspecified)\b|\bneeds? clarification\b/i,
    answer:
      'Implement the minimal version, and say in your summary which decision you made and what speaks against it.',
  },
];

/** What to answer an agent that did nothing, by the words it used; null: they name no excuse that we know. */
export function pushBackAnswer(words: string): string | null {
  return pushBacks.find((each) => each.says.test(words))?.answer ?? null;
}
