import { defineConfig } from 'tsup';
import { base } from '../../tsup.base.ts';

export default defineConfig({
  ...base,
  entry: [
    'src/express-session.ts',
    'src/fastify-session.ts',
    'src/from.ts',
    'src/hono.ts',
    'src/koa-session.ts',
    'src/react-router.ts',
  ],
});
