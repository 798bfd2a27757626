// Prints what no parser likes: a byte order mark, broken UTF-8, half objects, a deep nest, unknown events.
process.stdout.write('\uFEFF{"type":"status","text":"half');
process.stdout.write(Buffer.from([0x0a, 0xff, 0xfe, 0xc3, 0x28, 0x00, 0x0d, 0x0a]));
process.stdout.write(`${'['.repeat(100_000)}\n`);
process.stdout.write(
  '{"type":"unheard-of","deep":{"a":[1]}}\n{"type":12}\n{"__proto__":{"type":"result"}}\n[]\nnull\n',
);
process.stdout.write('{"type":"usage","inputTokens":"many","costUsd":-5}\n{"type":"limited","resetsAt":"soon');
