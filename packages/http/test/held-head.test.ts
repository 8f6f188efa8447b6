import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { answer } from './support/held-server.ts';

describe('a response whose head is held back', () => {
  test('looks as if it were sent, and keeps the status it was given', async () => {
    const seen: unknown[] = [];
    const { response } = await answer((res) => {
      res.statusCode = 202;
      seen.push(res.headersSent, res.writableEnded);
      res.write('one');
      seen.push(res.headersSent, res.writableEnded);
      res.end();
      seen.push(res.headersSent, res.writableEnded);
      res.statusCode = 500;
    });
    expect(seen).toEqual([false, false, true, false, true, true]);
    expect(response.statusCode).toBe(202);
  });

  test.each<[string, (response: ServerResponse) => unknown]>([
    ['setHeader', (response) => response.setHeader('X', '1')],
    ['setHeaders', (response) => response.setHeaders(new Headers({ x: '1' }))],
    ['appendHeader', (response) => response.appendHeader('X', '1')],
    ['removeHeader', (response) => response.removeHeader('X')],
    ['writeHead', (response) => response.writeHead(500)],
  ])('refuses %s, as one that was sent', async (_, change) => {
    let code: unknown;
    const { response } = await answer((res) => {
      res.write('one');
      try {
        change(res);
      } catch (error) {
        code = (error as NodeJS.ErrnoException).code;
      }
      res.end();
    });
    expect(code).toBe('ERR_HTTP_HEADERS_SENT');
    expect(response.statusCode).toBe(200);
  });

  test('is its own again once it is open', async () => {
    const seen: unknown[] = [];
    await answer((res) => {
      const { setHeader, removeHeader } = res;
      const look = () => seen.push(res.setHeader === setHeader, res.removeHeader === removeHeader, res.writableEnded);
      res.write('one', () => {
        look();
        res.end();
        seen.push(res.headersSent, res.writableEnded);
      });
      look();
    });
    expect(seen).toEqual([false, false, false, true, true, false, true, true]);
  });

  test('may be ended twice', async () => {
    const { body } = await answer((res) => {
      res.end('one');
      res.end();
    });
    expect(body).toBe('one');
  });
});
