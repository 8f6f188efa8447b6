import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/**
 * One of the settings that the OWASP Password Storage Cheat Sheet rates equal, the one that takes the least memory at a
 * time (16 MiB).
 */
const cost: ScryptOptions = { N: 2 ** 14, r: 8, p: 5 };
const keyBytes = 32;

interface Account extends User {
  readonly salt: string;
  readonly key: string;
}

const accounts: readonly Account[] = [
  {
    id: 'ada',
    name: 'Ada',
    email: 'ada@shop.example',
    salt: 'pURo_etIHm0fUNvZAkK3FA',
    key: 'h5q9qM9r5XTitGbNxQJoIxiXqwPB6EreXV2wrvHMnKE',
  },
  {
    id: 'ben',
    name: 'Ben',
    email: 'ben@shop.example',
    salt: 'aZ256Du0rRxbfchHGtytXg',
    key: 'sOJhuTxKyuDLAKlCCtwxyyClm-LC9W17fbyN4VeLZDM',
  },
  {
    id: 'cleo',
    name: 'Cleo',
    email: 'cleo@shop.example',
    salt: 'VX95i0LEmjSQj8ag8QqxrQ',
    key: 'NqgKwK7kIoINvN3Wv4XrKzBcKwPoHEiGH10boAcy2IQ',
  },
];

/** Takes the place of an account that does not exist, so that an unknown name takes as long as a wrong password. */
const nobody = { salt: randomBytes(16).toString('base64url'), key: randomBytes(keyBytes).toString('base64url') };

/** The user with this name and password; `null` where either is wrong, without telling which, not by time either. */
export async function authenticate(id: string, password: string): Promise<User | null> {
  const account = accounts.find((candidate) => candidate.id === id);
  const { salt, key } = account ?? nobody;
  const given = await derive(password.normalize('NFKC'), Buffer.from(salt, 'base64url'), keyBytes, cost);
  return timingSafeEqual(given, Buffer.from(key, 'base64url')) && account ? account : null;
}

export function userOf(id: string | undefined): User | undefined {
  return accounts.find((account) => account.id === id);
}

/** What the login page gives away, this being a demonstration. */
export const demoLogins: ReadonlyArray<{ readonly id: string; readonly password: string }> = [
  { id: 'ada', password: 'let-it-stand' },
  { id: 'ben', password: 'carets-and-commas' },
  { id: 'cleo', password: 'galley-proof' },
];
