/** The last bytes of a stream as text, from the first complete character on; keeps no more in memory. */
export async function tailOf(stream: AsyncIterable<Uint8Array>, bytes: number): Promise<string> {
  let kept: Buffer[] = [];
  let size = 0;
  let total = 0;
  for await (const chunk of stream) {
    kept.push(Buffer.from(chunk));
    size += chunk.length;
    total += chunk.length;
    if (size < 2 * bytes + 65_536) continue;
    kept = [Buffer.concat(kept).subarray(-bytes)];
    size = kept[0]?.length ?? 0;
  }
  const all = Buffer.concat(kept);
  const tail = all.subarray(Math.max(0, all.length - bytes));
  let start = 0;
  const isCut = total > tail.length;
  while (isCut && start < 3 && ((tail[start] ?? 0) & 0xc0) === 0x80) start += 1; // the rest of a character
  return tail.subarray(start).toString('utf8');
}
