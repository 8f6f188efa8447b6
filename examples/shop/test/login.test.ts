import { describe, expect, test } from 'vitest';
import { sharedShop } from './running-shop.ts';
import { Visitor } from './visitor.ts';

const shop = sharedShop();

async function device(name: string, password: string, userAgent?: string): Promise<Visitor> {
  const visitor = new Visitor(shop().url, userAgent);
  expect((await visitor.signIn(name, password)).status).toBe(303);
  expect(await visitor.isSignedIn()).toBe(true);
  return visitor;
}

describe('signing in', () => {
  test('changes the token, kills the old one and keeps the cart', async () => {
    const visitor = new Visitor(shop().url);
    await visitor.post('/cart/add', { sku: 'ruler' });
    const before = visitor.cookie;
    await visitor.signIn('ada', 'let-it-stand');
    expect(visitor.cookie).not.toBe(before);
    expect(await visitor.isSignedIn()).toBe(true);
    expect(await visitor.cart()).toEqual({ ruler: 1 });

    const thief = new Visitor(shop().url);
    thief.cookie = before;
    expect(await thief.isSignedIn()).toBe(false);
    expect(await thief.cart()).toEqual({});
  });

  test.each([
    ['ada', 'carets-and-commas'],
    ['nobody', 'let-it-stand'],
    ['ada', ''],
  ])('as %s with %j is refused', async (name, password) => {
    const visitor = new Visitor(shop().url);
    const refused = await visitor.signIn(name, password);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('The name or the password is wrong.');
    expect(await visitor.isSignedIn()).toBe(false);
  });

  test('ends with signing out, for whoever holds the token', async () => {
    const visitor = await device('ada', 'let-it-stand');
    const token = visitor.cookie;
    const left = await visitor.post('/logout');
    expect([left.status, left.headers.get('location'), visitor.cookie]).toEqual([303, '/signed-out', '']);
    const thief = new Visitor(shop().url);
    thief.cookie = token;
    expect(await thief.isSignedIn()).toBe(false);
  });
});

describe('my devices', () => {
  const phone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1';
  const laptop = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

  test('lists where the user is signed in; one that is signed out there is out at its next request', async () => {
    const here = await device('ben', 'carets-and-commas', laptop);
    const there = await device('ben', 'carets-and-commas', phone);
    const page = await here.page('/devices');
    expect(page).toMatch(/Firefox on Linux <span class="badge">this device/);
    expect(page).toContain('<h2>Safari on iOS </h2>');
    expect(page.match(/<dt>Last seen<\/dt><dd><time/g)).toHaveLength(2);

    expect((await here.post('/devices/sign-out', { id: idsOn(page)[1] ?? '' })).status).toBe(303);
    expect(await there.isSignedIn()).toBe(false);
    expect(await here.isSignedIn()).toBe(true);
    expect(idsOn(await here.page('/devices'))).toHaveLength(1);
  });

  test("does not touch anybody else's", async () => {
    const victim = await device('ada', 'let-it-stand');
    const [id = ''] = idsOn(await victim.page('/devices'));
    const intruder = await device('ben', 'carets-and-commas');
    expect((await intruder.post('/devices/sign-out', { id })).status).toBe(404);
    expect((await new Visitor(shop().url).post('/devices/sign-out', { id })).status).toBe(403);
    expect(await victim.isSignedIn()).toBe(true);
  });

  test('signs out everywhere else, or everywhere', async () => {
    const [first, second, third] = [
      await device('cleo', 'galley-proof'),
      await device('cleo', 'galley-proof'),
      await device('cleo', 'galley-proof'),
    ];
    await second.post('/devices/sign-out-others');
    expect(await second.page('/devices')).toContain('Signed out everywhere else: 2 devices.');
    expect([await first.isSignedIn(), await second.isSignedIn(), await third.isSignedIn()]).toEqual([
      false,
      true,
      false,
    ]);

    const fourth = await device('cleo', 'galley-proof');
    const everywhere = await fourth.post('/devices/sign-out-all');
    expect([everywhere.headers.get('location'), fourth.cookie]).toEqual(['/signed-out', '']);
    expect([await second.isSignedIn(), await fourth.isSignedIn()]).toEqual([false, false]);
  });

  function idsOn(page: string): string[] {
    return Array.from(page.matchAll(/name="id" value="([0-9a-f]{64})"/g), ([, id = '']) => id);
  }
});
