import { status } from '@grpc/grpc-js';
import { Client, isGrpcServiceError, type Connection, type ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { UsageError } from '../input/errors.ts';
import { openConnection, type OpenConnection } from './connection.ts';
import { registerSearchAttributes } from './namespace.ts';
import { embeddedNamespace } from './server-start.ts';
import { ensureServer, runningServer, type ServerOptions } from './server.ts';
import type { Environment } from '../state/folders.ts';
import { TemporalUnavailable } from './unavailable.ts';

/** Set for the worker of an embedded server, which must ignore the user's profile file. */
const embeddedFlag = 'MILLRACE_EMBEDDED';

/** Long enough for a server far away, short enough for a person who waits. */
const connectTimeout = '5 seconds';

/** How often our own server may vanish or fall silent between its answer and our connection. */
const ownTries = 4;

/** How Temporal is looked for. */
export interface ConnectOptions extends ServerOptions {
  /** Start an embedded server where none is named and none runs. */
  readonly start: boolean;
}

/** Identifies a Temporal: all that a worker needs to poll the same one. */
export interface TemporalTarget {
  readonly address: string;
  readonly namespace: string;
  /** Ours, on loopback; else one that the user named. */
  readonly embedded: boolean;
}

/** A connection to a Temporal that has our search attributes. */
export interface Temporal extends TemporalTarget {
  readonly connection: Connection;
  readonly client: Client;
  /** Address of the Web UI without a slash at the end; null: we don't know it. */
  readonly ui: string | null;
  /** This call started the embedded server; the caller has to supervise or stop it. */
  readonly started: boolean;
  readonly close: () => Promise<void>;
}

/**
 * Connects to the server that the user named (`TEMPORAL_ADDRESS` or a profile with an address), else to the running
 * embedded one, else, if asked to, to one that it starts.
 * @throws TemporalUnavailable when there is none or it refuses. @throws UsageError for a profile that can't be read.
 */
export async function connectTemporal(options: ConnectOptions): Promise<Temporal> {
  const named = namedTemporal(options.env);
  if (named) return open({ ...named, embedded: false, ui: null, started: false });
  for (let tries = 1, started = false; ; tries++) {
    const own = await embeddedServer(options);
    started ||= own.started;
    const { address, ui } = own.server;
    const target = { address, namespace: embeddedNamespace, embedded: true, ui, started };
    try {
      return await open({ ...target, connectionOptions: { address } });
    } catch (error) {
      // It answered a moment ago and was killed since; if no supervisor is left, the next look starts another one.
      if (!options.start || tries === ownTries) throw error;
    }
  }
}

async function embeddedServer(options: ConnectOptions) {
  if (options.start) {
    const server = await ensureServer(options);
    return { server, started: server.owned };
  }
  const server = await runningServer(options.stateRoot);
  if (!server) {
    throw new TemporalUnavailable(
      'not-running',
      `no Temporal server runs on ${options.stateRoot}: start one with \`millrace up\`, ` +
        'or name yours by TEMPORAL_ADDRESS or a profile',
    );
  }
  return { server, started: false };
}

/** The Temporal that an environment names, with credentials; null when it names no address. For the worker as well. */
export function namedTemporal(env: Environment): NamedTemporal | null {
  const { connectionOptions, namespace } = load(env);
  const address = connectionOptions.address;
  return address ? { connectionOptions, address, namespace: namespace || embeddedNamespace } : null;
}

/** A Temporal that the user named. */
export interface NamedTemporal {
  readonly connectionOptions: ClientConnectConfig['connectionOptions'];
  readonly address: string;
  readonly namespace: string;
}

/** Environment of a worker for that Temporal: `namedTemporal` finds the same one in it. */
export function workerEnvironment(target: TemporalTarget, stateRoot: string, env: Environment): Environment {
  // The user's API key or certificate would turn on TLS towards the embedded server.
  const kept = Object.entries(env).filter(([name]) => !target.embedded || !name.startsWith('TEMPORAL_'));
  return {
    ...Object.fromEntries(kept),
    MILLRACE_STATE: stateRoot,
    TEMPORAL_ADDRESS: target.address,
    TEMPORAL_NAMESPACE: target.namespace,
    [embeddedFlag]: target.embedded ? '1' : undefined,
  };
}

function load(env: Environment): ClientConnectConfig {
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const disableFile = env[embeddedFlag] === '1';
  try {
    return loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(set), disableFile });
  } catch (error) {
    // 1.24 trips over a file without a [profile] table (an empty one, say): it names nothing, so it is as good as none.
    const namesNothing = error instanceof TypeError && !env['TEMPORAL_PROFILE'] && !disableFile;
    if (namesNothing) return load({ ...env, [embeddedFlag]: '1' });
    throw new UsageError({
      where: env['TEMPORAL_CONFIG_FILE'] ?? 'the Temporal profile',
      what: error instanceof Error ? error.message : String(error),
      mend: 'correct the file, or the variables TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE and TEMPORAL_TLS_*',
    });
  }
}

interface OpenInput extends NamedTemporal, Pick<Temporal, 'embedded' | 'ui' | 'started'> {}

async function open({ connectionOptions, ...facts }: OpenInput): Promise<Temporal> {
  const { connection, close } = await connect(connectionOptions, facts);
  const { namespace } = facts;
  try {
    await requireNamespace(connection, facts);
    await registerSearchAttributes({ connection, namespace });
  } catch (error) {
    await close();
    throw error;
  }
  const client = new Client({ connection, namespace });
  return { ...facts, connection, client, close };
}

async function connect(options: NamedTemporal['connectionOptions'], target: TemporalTarget): Promise<OpenConnection> {
  try {
    return await openConnection({ ...(options as ConnectionOptions), connectTimeout });
  } catch (cause) {
    const mend = target.embedded
      ? 'look at `millrace doctor`'
      : 'start it, or correct TEMPORAL_ADDRESS (or the profile and its TLS settings), or unset them to have a server started here';
    throw new TemporalUnavailable(
      'unreachable',
      `Temporal at ${target.address} does not answer within ${connectTimeout} (${reason(cause)}): ${mend}`,
      { cause },
    );
  }
}

/** @throws TemporalUnavailable where the server does not let us use the namespace. */
async function requireNamespace(connection: Connection, { address, namespace }: TemporalTarget): Promise<void> {
  try {
    await connection.withDeadline(Date.now() + 5_000, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } catch (cause) {
    const code = isGrpcServiceError(cause) ? cause.code : null;
    const refused = (mend: string) =>
      new TemporalUnavailable('refused', `Temporal at ${address}, namespace ${namespace}: ${reason(cause)}. ${mend}`, {
        cause,
      });
    if (code === status.INVALID_ARGUMENT || code === status.NOT_FOUND) {
      throw refused(`Correct TEMPORAL_NAMESPACE, or create it: temporal operator namespace create ${namespace}`);
    }
    if (code === status.PERMISSION_DENIED || code === status.UNAUTHENTICATED)
      throw refused('Correct TEMPORAL_API_KEY or the client certificate.');
    throw new TemporalUnavailable('unreachable', `Temporal at ${address} does not answer: ${reason(cause)}`, { cause });
  }
}

function reason(error: unknown): string {
  if (isGrpcServiceError(error)) return error.details;
  return error instanceof Error ? error.message : String(error);
}
