// Writes as many bytes as told, by default 1 GB: `lines` of 64 bytes, `short` ones of 2, or one `endless` line.
const manner = process.argv[2] ?? 'lines';
const total = Number(process.argv[3] ?? 1024 ** 3);
const unit = manner === 'short' ? 'y\n' : `${'x'.repeat(63)}${manner === 'endless' ? 'x' : '\n'}`;
const chunk = Buffer.from(unit.repeat(65536 / unit.length));
let written = 0;
const write = () => {
  while (written < total) {
    written += chunk.length;
    if (!process.stdout.write(chunk)) return void process.stdout.once('drain', write);
  }
};
write();
