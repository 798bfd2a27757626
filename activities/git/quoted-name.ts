const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

/** Reads a file name from a diff: git quotes odd ones as C does, byte by byte. */
export function unquoted(name: string): string {
  if (!/^".*"$/.test(name)) return name;
  const bytes = Buffer.from(name.slice(1, -1)).toString('latin1');
  const raw = bytes.replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
    code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8) & 0xff) : (escapes[code] ?? code),
  );
  return Buffer.from(raw, 'latin1').toString('utf8');
}
