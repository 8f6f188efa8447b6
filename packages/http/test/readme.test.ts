import { Visitor } from '@stet/visitors';
import { expect, it } from 'vitest';
import { exampleOf, exampleSite } from './support/example.ts';

it('the first example of the README does what it says, with overlapping requests and across a restart', async () => {
  const site = await exampleSite(await exampleOf('README.md'));
  const first = await site.start();
  const visitor = new Visitor(first.origin);
  expect(await visitor.text('/')).toBe('Visit 1');
  await Promise.all(Array.from({ length: 20 }, () => visitor.twin().get('/')));
  await first.kill();
  const second = await site.start();
  expect(await new Visitor(second.origin, visitor.cookie).text('/')).toBe('Visit 22');
});

it.each([
  ['packages/http/README.md', 'With Express:'],
  ['docs/bindings.md', '## Fastify'],
  ['docs/bindings.md', '## Koa'],
  ['docs/bindings.md', '## Hono'],
  ['docs/bindings.md', '## node:http'],
  ['docs/bindings.md', '## fetch'],
])('so does that of %s, %s', async (document, heading) => {
  const { origin } = await (await exampleSite(await exampleOf(document, heading))).start();
  const visitor = new Visitor(origin);
  expect(await visitor.text('/')).toBe('Visit 1');
  await Promise.all(Array.from({ length: 20 }, () => visitor.twin().get('/')));
  expect(await visitor.text('/')).toBe('Visit 22');
});

it('so does that of docs/connect.md', async () => {
  const visitor = new Visitor((await (await exampleSite(await exampleOf('docs/connect.md'))).start()).origin);
  expect([await visitor.text('/'), await visitor.text('/')]).toEqual(['Visit 1', 'Visit 2']);
});
