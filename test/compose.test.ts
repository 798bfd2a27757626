import { readFileSync } from 'node:fs';
import { SearchAttributeType } from '@temporalio/common';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { agentsQueue, attributes } from '../workflows/ids.ts';

interface Service {
  readonly image: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly configs?: readonly { readonly source: string; readonly target: string }[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly configs: Readonly<Record<string, { readonly content: string }>>;
}

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const text = read('../docker-compose.yml');
const compose = parse(text, { merge: true }) as Compose;
const services = Object.entries(compose.services);
const validate = new Ajv2020({ strict: false, allErrors: true }).compile(
  JSON.parse(read('fixtures/compose-spec.json')) as object,
);

/** The scripts of the one-shots, as a shell gets them: compose turns `$$` into `$`. */
const scripts = services
  .filter(([, service]) => service.entrypoint)
  .map(([name, service]) => [name, service.command?.[0]?.replaceAll('$$', '$') ?? ''] as const);

describe('the compose specification', () => {
  test('accepts docker-compose.yml', () => {
    expect(validate(compose), JSON.stringify(validate.errors, null, 2)).toBe(true);
  });

  test.each([
    ['a health check without a list', { ui: { image: 'a:1', healthcheck: { test: 5 } } }],
    ['an unknown key', { ui: { image: 'a:1', port: ['127.0.0.1:1:1'] } }],
    ['an unknown condition', { ui: { image: 'a:1', depends_on: { b: { condition: 'healthy' } } } }],
  ])('refuses %s', (_, broken) => {
    expect(validate({ services: broken })).toBe(false);
  });
});

test('ports are published on loopback only, and the database has none', () => {
  const published = services.flatMap(([, { ports }]) => ports ?? []);
  expect(published).toHaveLength(2);
  for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:/);
  expect(compose.services['postgresql']?.ports).toBeUndefined();
});

test('every image has a version, and server and tools have the same one', () => {
  const images = Object.fromEntries(services.map(([name, { image }]) => [name, image]));
  for (const image of Object.values(images)) expect(image).toMatch(/^[a-z/-]+:\d+(\.\d+)*$/);
  const version = images['temporal']?.split(':')[1];
  expect(images['schema']).toBe(`temporalio/admin-tools:${version}`);
  expect(images['namespace']).toBe(images['schema']);
});

test('every password comes from POSTGRES_PASSWORD, and there is none by default', () => {
  const secrets = services.flatMap(([, { environment }]) =>
    Object.entries(environment).filter(([name]) => /PASSWORD|PWD|SECRET|TOKEN/.test(name)),
  );
  expect(secrets.map(([name]) => name).toSorted()).toEqual(['POSTGRES_PASSWORD', 'POSTGRES_PWD', 'SQL_PASSWORD']);
  for (const [, value] of secrets) expect(value).toBe('${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}');
});

test('a service waits for services that exist, on a condition that they can meet', () => {
  for (const [name, { depends_on: awaited = {} }] of services) {
    for (const [other, { condition }] of Object.entries(awaited)) {
      const target = compose.services[other];
      expect(target, `${name} waits for ${other}`).toBeDefined();
      const met = condition === 'service_healthy' ? target?.healthcheck : target?.entrypoint;
      expect(met, `${name} waits for ${other}: ${condition}`).toBeDefined();
    }
  }
  expect(compose.services['temporal']?.depends_on).toHaveProperty('schema');
  expect(compose.services['ui']?.depends_on).toHaveProperty('namespace');
});

test('data outlives the containers: each mounted volume is a declared, named one', () => {
  const mounted = services.flatMap(([, { volumes }]) => volumes ?? []).map((each) => each.split(':')[0] ?? '');
  expect(mounted).toEqual(['postgresql']);
  expect(Object.keys(compose.volumes)).toEqual(mounted);
});

test("the namespace has exactly the workflows' search attributes, and keeps what ended for 30 days", () => {
  const script = new Map(scripts).get('namespace') ?? '';
  const created = [...script.matchAll(/--name (\w+) --type (\w+)/g)].map(([, name, type]) => `${name}: ${type}`);
  const typeName = { [SearchAttributeType.KEYWORD]: 'Keyword', [SearchAttributeType.INT]: 'Int' };
  const defined = Object.values(attributes).map((each) => `${each.name}: ${typeName[each.type]}`);
  expect(created.toSorted()).toEqual(defined.toSorted());
  expect(script.match(/--retention \S+/g)).toEqual(['--retention 720h', '--retention 720h']);
});

test('the dynamic configuration is in the file itself, at the place where the server looks', () => {
  const server = compose.services['temporal'];
  expect(server?.configs?.map(({ target }) => target)).toEqual([server?.environment['DYNAMIC_CONFIG_FILE_PATH']]);
  const content = parse(compose.configs['dynamic-config']?.content ?? '') as Record<string, readonly unknown[]>;
  expect(content['limit.maxIDLength']).toEqual([{ value: 255 }]);
  const partitions = [{ value: 1, constraints: { taskQueueName: agentsQueue } }, { value: 4 }];
  expect(content['matching.numTaskqueueReadPartitions']).toEqual(partitions);
  expect(content['matching.numTaskqueueWritePartitions']).toEqual(partitions);
});

test.each(scripts)('the script of %s is a shell script', async (_, script) => {
  expect(script).not.toBe('');
  const { exitCode, stderr } = await execa('sh', ['-n'], { input: script, reject: false });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});

test('compose gets no variable that is not meant for it', () => {
  const single = text.replaceAll('$$', '').match(/\$\{?\w+/g) ?? [];
  expect(new Set(single)).toEqual(new Set(['${POSTGRES_PASSWORD', '${TEMPORAL_PORT', '${TEMPORAL_UI_PORT']));
});
