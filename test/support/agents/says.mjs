// Prints its arguments as lines and exits with the first one: `says.mjs 0 '{"type":"status","text":"hello"}'`.
const [code, ...lines] = process.argv.slice(2);
for (const line of lines) process.stdout.write(`${line}\n`);
process.exitCode = Number(code);
