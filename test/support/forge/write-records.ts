import { z } from 'zod';
import { createRecords } from '../../../activities/forges/local/records.ts';

// Creates and rewrites records until it is killed; says so after each round.
const records = createRecords(z.string().parse(process.argv[2]));
const text = 'x'.repeat(200_000);
for (let round = 1; ; round += 1) {
  await Promise.all([1, 2, 3].map((each) => records.create(`pulls/${round * 3 + each}`, { round, text })));
  await records.write('issues/one', { round, text });
  process.stdout.write(`${round}\n`);
}
