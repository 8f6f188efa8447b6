import type { NextFunction, Request, Response } from 'express';
import { Refusal } from './failure.ts';

const harmless = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses requests that another site's page sends with the visitor's cookie (CSRF), besides `SameSite=Lax`, which lets
 * through other ports of this host. Browsers tell in `Sec-Fetch-Site`, old ones in `Origin`, who sent a request, and no
 * page can change that; what sends neither header is no browser. Tokens in forms would need a session: this way the
 * login form is protected too, and who only looks around leaves nothing in the store.
 */
export function sameOriginOnly(req: Request, _res: Response, next: NextFunction): void {
  if (harmless.has(req.method) || isSameOrigin(req)) next();
  else next(new Refusal(403, 'Not from here', 'That request came from the page of another site, so nothing was done.'));
}

function isSameOrigin(req: Request): boolean {
  const site = req.get('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = req.get('origin');
  return origin === undefined || URL.parse(origin)?.host === req.get('host');
}
