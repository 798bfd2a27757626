// Says one word and then nothing for ever; `deaf` ignores SIGTERM, `chatty` keeps printing.
const manner = process.argv[2];
if (manner === 'deaf') process.on('SIGTERM', () => {});
process.stdout.write('started\n');
setInterval(() => manner === 'chatty' && process.stdout.write('still here\n'), 50);
