import type { ForgePlace } from '../../workflows/domain/settings.ts';

/** `github.com` and the enterprises of `ghe.com` have their API on a host of its own, a server below its address. */
export function apiUrl({ url }: ForgePlace): string {
  const { origin, host, pathname } = new URL(url);
  if (host === 'github.com' || host === 'www.github.com') return 'https://api.github.com';
  if (host.endsWith('.ghe.com')) return `https://api.${host}`;
  return `${origin}${pathname.replace(/\/+$/, '')}/api/v3`;
}
