import { status } from '@grpc/grpc-js';
import { isGrpcServiceError, type Connection } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { msToTs } from '@temporalio/common/lib/time.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { attributes } from '../../workflows/ids.ts';
import { TemporalUnavailable } from './unavailable.ts';

/** A namespace of a server that answers. */
export interface NamespaceHandle {
  readonly connection: Connection;
  readonly namespace: string;
}

/** How long closed workflows can be looked at on the embedded server, whose default of one day forgets last night. */
const retention = '30 days';

/** What Temporal Cloud says to whoever asks for the operator service. */
const refusals: readonly number[] = [status.PERMISSION_DENIED, status.UNIMPLEMENTED, status.UNAUTHENTICATED];

const wanted = Object.values(attributes);

/** A question that only a namespace with all our search attributes, in their types, can answer. */
const probe = wanted.map(({ name, type }) => `${name} = ${type === 'INT' ? '0' : "'none'"}`).join(' AND ');

/** Sets how long the embedded server keeps closed workflows; safe to repeat. */
export async function setRetention({ connection, namespace }: NamespaceHandle): Promise<void> {
  const config = { workflowExecutionRetentionTtl: msToTs(retention) };
  await connection.workflowService.updateNamespace({ namespace, config });
}

/**
 * Adds the search attributes that are missing. Before any worker starts: a workflow that writes an unknown one fails
 * its task for ever.
 * @throws TemporalUnavailable `refused` with the command that an administrator has to type.
 */
export async function registerSearchAttributes(handle: NamespaceHandle): Promise<void> {
  const missing = await missingAttributes(handle);
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map(({ name, type }) => [name, indexedType(type)]));
  const problem = await handle.connection.operatorService
    .addSearchAttributes({ namespace: handle.namespace, searchAttributes })
    .then(
      () => null,
      (error: unknown) => error,
    );
  // Added by another process meanwhile is as good as added by us.
  if (problem && (await missingAttributes(handle)).length > 0) throw cannotAdd(missing, handle, problem);
}

/** Waits until the namespace can list by our search attributes: what is registered is known to all parts a little later. */
export async function untilSearchable(handle: NamespaceHandle, waitMs: number): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const problem = await ask(handle).then(
      () => null,
      (error: unknown) => error,
    );
    if (!problem) return;
    if (performance.now() > deadline) throw new Error('the server does not list workflows', { cause: problem });
    await sleep(20);
  }
}

async function ask({ connection, namespace }: NamespaceHandle): Promise<void> {
  await connection.workflowService.listWorkflowExecutions({ namespace, pageSize: 1, query: probe });
}

async function missingAttributes(handle: NamespaceHandle) {
  const { connection, namespace } = handle;
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const wrong = wanted.filter(
      ({ name, type }) => (customAttributes[name] ?? indexedType(type)) !== indexedType(type),
    );
    if (wrong.length > 0)
      throw wrongTypes(
        wrong.map(({ name }) => name),
        namespace,
      );
    return wanted.filter(({ name }) => customAttributes[name] === undefined);
  } catch (error) {
    if (!isGrpcServiceError(error) || !refusals.includes(error.code)) throw error;
    // The operator service is closed to us; a list by all of them shows whether somebody registered them.
    return ask(handle).then(
      () => [],
      () => wanted,
    );
  }
}

function indexedType(type: (typeof wanted)[number]['type']): number {
  const encoded = encodeSearchAttributeIndexedValueType(type);
  if (encoded === undefined) throw new Error(`Temporal knows no search attribute of type ${type}`);
  return encoded;
}

function wrongTypes(names: readonly string[], namespace: string): TemporalUnavailable {
  return new TemporalUnavailable(
    'refused',
    `namespace ${namespace} has search attributes of our names with another type: ${names.join(', ')}.\n` +
      `Use another namespace (TEMPORAL_NAMESPACE), or have them removed: ` +
      `temporal operator search-attribute remove --namespace ${namespace} ${names.map((name) => `--name ${name}`).join(' ')}`,
  );
}

function cannotAdd(missing: typeof wanted, { namespace }: NamespaceHandle, cause: unknown): TemporalUnavailable {
  const flags = missing
    .map(({ name, type }) => `--name ${name} --type ${type === 'INT' ? 'Int' : 'Keyword'}`)
    .join(' ');
  return new TemporalUnavailable(
    'refused',
    `namespace ${namespace} lacks search attributes and we may not add them (${String(cause)}).\n` +
      `Have an administrator type: temporal operator search-attribute create --namespace ${namespace} ${flags}`,
    { cause },
  );
}
