import { defineConfig } from 'tsup';
import { base } from '../../tsup.base.ts';

export default defineConfig({
  ...base,
  entry: ['connect', 'express', 'fastify', 'fetch', 'hono', 'koa', 'node'].map(
    (binding) => `src/bindings/${binding}.ts`,
  ),
});
