import { expect, test } from 'vitest';
import { dataDirectory, openShop } from './running-shop.ts';
import { Visitor } from './visitor.ts';

test('of fifty overlapping requests stet keeps every key, and a store in which the last write wins loses some', async () => {
  const shop = await openShop(await dataDirectory());
  const visitor = new Visitor(shop.url);
  expect(await figures(visitor)).toEqual(['–', '–']);
  for (let round = 1; round <= 3; round += 1) {
    const started = await visitor.post('/race');
    expect([started.status, started.headers.get('location')]).toEqual([303, '/race']);
    const [merged, lastWriteWins] = await figures(visitor);
    expect(merged).toBe('50');
    expect(Number(lastWriteWins)).toBeGreaterThan(0);
    expect(Number(lastWriteWins)).toBeLessThan(50);
  }
  const page = await visitor.page('/race');
  const [, kept] = await figures(visitor);
  expect(page.match(/<li class="kept">/g)).toHaveLength(50 + Number(kept));
  expect(page.match(/<li class="lost">/g)).toHaveLength(50 - Number(kept));
});

test("a browser's own race runs on the visitor's session, beside whatever else is in it", async () => {
  const shop = await openShop(await dataDirectory());
  const visitor = new Visitor(shop.url);
  await visitor.post('/cart/add', { sku: 'ink' });
  await visitor.send('/race/merged', { method: 'PUT' });
  await Promise.all(Array.from({ length: 50 }, (_, index) => visitor.post(`/race/merged/${index + 1}`)));
  expect(await (await visitor.get('/race/merged')).json()).toHaveLength(50);
  expect(await visitor.cart()).toEqual({ ink: 1 });
  await visitor.send('/race/merged', { method: 'PUT' });
  expect(await (await visitor.get('/race/merged')).json()).toEqual([]);
});

async function figures(visitor: Visitor): Promise<string[]> {
  return Array.from((await visitor.page('/race')).matchAll(/<output>(.*?)<\/output>/g), ([, figure = '']) => figure);
}
