import { Router } from 'express';
import { textField } from '../form.ts';
import { frameOf } from '../frame.ts';
import { leaveNotice } from '../notices.ts';
import { loginPage, signedOutPage } from '../pages/login.ts';
import { authenticate, demoLogins } from '../users.ts';

/** The most of a `User-Agent` header that a session remembers. */
const mostUserAgent = 300;

export function loginRoutes(): Router {
  return Router()
    .use(['/login', '/signed-out'], (req, res, next) => {
      if (req.session.subject === undefined) next();
      else res.redirect(303, '/');
    })
    .get('/login', (req, res) => {
      res.send(loginPage(demoLogins, frameOf(req.session)));
    })
    .post('/login', async (req, res) => {
      const { session } = req;
      const name = textField(req, 'name');
      const user = await authenticate(name, textField(req, 'password'));
      if (!user) {
        res.status(403).send(loginPage(demoLogins, frameOf(session), name));
        return;
      }
      session.subject = user.id;
      session.data.signedIn = { at: Date.now(), userAgent: (req.get('user-agent') ?? '').slice(0, mostUserAgent) };
      leaveNotice(session, `Good to see you, ${user.name}.`);
      // The cart comes along, the token does not: whoever knew it before the login must not know it after.
      await session.regenerate();
      res.redirect(303, '/');
    })
    .post('/logout', async (req, res) => {
      await req.session.destroy();
      res.redirect(303, '/signed-out');
    })
    .get('/signed-out', (req, res) => {
      res.send(signedOutPage(frameOf(req.session)));
    });
}
