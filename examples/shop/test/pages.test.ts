import { expect, test } from 'vitest';
import { catalogue } from '../src/catalogue.ts';
import { sharedShop } from './running-shop.ts';
import { Visitor } from './visitor.ts';

const shop = sharedShop();

test('who only looks around gets the pages and no cookie', async () => {
  const visitor = new Visitor(shop().url);
  const page = await visitor.page('/');
  for (const { name, sku } of catalogue) {
    expect(page).toContain(`<h2>${name}</h2>`);
    expect((await visitor.get(`/products/${sku}.svg`)).headers.get('content-type')).toContain('image/svg+xml');
  }
  for (const path of ['/cart', '/login', '/race', '/signed-out']) expect((await visitor.get(path)).status).toBe(200);
  expect(visitor.cookie).toBe('');
});

test('the cart: add, change, remove, each with a notice that is shown once', async () => {
  const visitor = new Visitor(shop().url);
  const added = await visitor.post('/cart/add', { sku: 'ink' });
  expect([added.status, added.headers.get('location')]).toEqual([303, '/']);
  await visitor.post('/cart/add', { sku: 'ink' });
  await visitor.post('/cart/add', { sku: 'stamp' });
  expect(await visitor.page('/')).toContain('Bottle of ink is in your cart.');
  expect(await visitor.page('/')).not.toContain('Bottle of ink is in your cart.');
  expect(await visitor.cart()).toEqual({ ink: 2, stamp: 1 });
  await visitor.post('/cart/quantity', { sku: 'ink', quantity: '5' });
  await visitor.post('/cart/remove', { sku: 'stamp' });
  expect(await visitor.cart()).toEqual({ ink: 5 });
  expect(await visitor.page('/cart')).toContain('€56.00');
});

test('twenty clicks at once all count', async () => {
  const visitor = new Visitor(shop().url);
  await visitor.post('/cart/add', { sku: 'eraser' });
  await Promise.all(Array.from({ length: 20 }, () => visitor.post('/cart/add', { sku: 'eraser' })));
  expect(await visitor.cart()).toEqual({ eraser: 21 });
});

test.each([
  ['/cart/add', { sku: 'unicorn' }, 404],
  ['/cart/add', { sku: '__proto__' }, 404],
  ['/cart/add', {}, 400],
  ['/cart/quantity', { sku: 'ink', quantity: '-1' }, 400],
  ['/cart/quantity', { sku: 'ink', quantity: '1e9' }, 400],
  ['/nowhere', {}, 404],
])('%s with %j is answered %d, with a page', async (path, form, status) => {
  const visitor = new Visitor(shop().url);
  const response = await visitor.post(path, form as Record<string, string>);
  expect(response.status).toBe(status);
  expect(await response.text()).toContain('To the catalogue');
  expect(await visitor.cart()).toEqual({});
});

test.each([
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { origin: 'https://evil.example' },
  { origin: 'null' },
])('a form sent from elsewhere, %j, does nothing', async (headers) => {
  const visitor = new Visitor(shop().url);
  await visitor.post('/cart/add', { sku: 'ink' });
  const forged = await visitor.post('/cart/add', { sku: 'lamp' }, headers);
  expect(forged.status).toBe(403);
  expect(await visitor.cart()).toEqual({ ink: 1 });
});

test.each([{ 'sec-fetch-site': 'same-origin' }, {}])('a form sent from here, %j, is carried out', async (headers) => {
  const visitor = new Visitor(shop().url);
  const origin = new URL(shop().url).origin;
  expect((await visitor.post('/cart/add', { sku: 'ink' }, { ...headers, origin })).status).toBe(303);
});

test('what a visitor enters is shown as text', async () => {
  const refused = await new Visitor(shop().url).signIn('"><script>alert(1)</script>', 'x');
  const page = await refused.text();
  expect(page).not.toContain('<script>alert');
  expect(page).toContain('&#34;&#62;&#60;script&#62;alert(1)');
});
