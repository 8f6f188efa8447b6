import { defineConfig } from 'tsup';
import { base } from '../../tsup.base.ts';

export default defineConfig({
  ...base,
  entry: ['src/express.ts', 'src/fastify.ts', 'src/fetch.ts', 'src/hono.ts', 'src/koa.ts', 'src/node.ts'],
});
