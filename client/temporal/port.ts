import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** The Web UI's port is the server's plus this. */
export const uiOffset = 1000;

/** Below the ports that systems hand out by themselves (from 32768 or 49152), so that ours are free again tomorrow. */
const [firstPort, lastPort] = [17_000, 26_000];

/**
 * A port that is free on loopback together with its UI port; `preferred` if it gets free within `waitMs`, so that
 * workers and browser tabs of before find the server again.
 */
export async function choosePort(preferred: number | null, waitMs: number): Promise<number> {
  const deadline = performance.now() + waitMs;
  while (preferred !== null) {
    if (await isPairFree(preferred)) return preferred;
    if (performance.now() > deadline) break;
    await sleep(50);
  }
  for (let tried = 0; tried < 100; tried++) {
    const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort));
    if (await isPairFree(port)) return port;
  }
  throw new Error(`no two free ports on 127.0.0.1 between ${firstPort} and ${lastPort + uiOffset}`);
}

/** Whether something accepts connections there. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1_000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}

async function isPairFree(port: number): Promise<boolean> {
  return (await isFree(port)) && (await isFree(port + uiOffset));
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
