import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slug } from '../src/index.js';

test('lower-cases its input', () => assert.equal(slug('Hello'), 'hello'));
test('joins words with single dashes', () => assert.equal(slug(' Hello,  world! '), 'hello-world'));
