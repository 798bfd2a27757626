import { expect, test } from 'vitest';
import { transcriptText } from '../../../client/render/transcript.ts';
import { bytesOf, captures } from '../../support/agents/captures.ts';

const record = (line: string, stream = 'stdout') => JSON.stringify({ at: 1, stream, line });

test.each(captures.filter(({ file }) => file.endsWith('/success.jsonl')))(
  'what $agent said is text for a person, each thing once',
  (capture) => {
    const text = transcriptText(
      bytesOf(capture)
        .toString('utf8')
        .split('\n')
        .map((line) => record(line))
        .join('\n'),
    );
    const whole = text.replaceAll('\n', '');
    expect(whole.match(/I will create the file\./g)).toHaveLength(1);
    expect(whole).toContain('DONE: created hello.txt');
    expect(text).not.toMatch(/[{}]|"type"/);
  },
);

test('lines that are no JSON, cut records and terminal controls do no harm; errors are marked', () => {
  const records = [
    record('plain words'),
    record('{"type":"text","text":"a\\u001b[2Jb"}'),
    record('{"type": "cut'),
    record('it broke', 'stderr'),
    '{"at": 1, "str',
  ];
  expect(transcriptText(records.join('\n'))).toBe('plain words\na[2Jb\n! it broke');
});

test.each([
  ['{"item":{"type":"command_execution","command":"npm test"}}', '[command] npm test'],
  ['{"part":{"type":"tool","tool":"bash","state":{"input":{"command":"ls"}}}}', '[bash] ls'],
  ['{"type":"tool_use","name":"Edit","input":{"file_path":"src/a.ts","old":"x"}}', '[Edit] src/a.ts'],
  ['{"type":"tool_use","name":"Odd","input":{"depth":3}}', '[Odd] {"depth":3}'],
])('a call of a tool is one line: %s', (line, text) => {
  expect(transcriptText(record(line))).toBe(text);
});
