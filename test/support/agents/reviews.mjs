// A reviewer: says the argument whose number is the round.
process.stdin
  .resume()
  .on('end', () => process.stdout.write(`${process.argv[Number(process.env.MILLRACE_ROUND) + 1]}\n`));
