import { Router } from 'express';
import { deviceName } from '../device-name.ts';
import { Refusal } from '../failure.ts';
import { textField } from '../form.ts';
import { frameOf } from '../frame.ts';
import { leaveNotice } from '../notices.ts';
import { type Device, devicesPage } from '../pages/devices.ts';
import { lastSeenAt, type ShopSession, type ShopSessions } from '../sessions.ts';

/** "My devices": the sessions of one user, found by their subject. */
export function deviceRoutes(sessions: ShopSessions): Router {
  return Router()
    .get('/devices', async (req, res) => {
      const { session } = req;
      const devices = (await sessions.bySubject(userIn(session))).map((other) => deviceOf(other, session));
      devices.sort((a, b) => Number(b.isThisOne) - Number(a.isThisOne) || (b.signedInAt ?? 0) - (a.signedInAt ?? 0));
      res.send(devicesPage(devices, frameOf(session)));
    })
    .post('/devices/sign-out', async (req, res) => {
      const { session } = req;
      const id = textField(req, 'id');
      const others = await sessions.bySubject(userIn(session));
      if (id === session.id) {
        await session.destroy();
        res.redirect(303, '/signed-out');
      } else if (others.some((other) => other.id === id)) {
        await sessions.revoke(id);
        leaveNotice(session, 'That device is signed out.');
        res.redirect(303, '/devices');
      } else {
        throw new Refusal(404, 'No such device', 'It is not signed in any more, or it is not yours.');
      }
    })
    .post('/devices/sign-out-others', async (req, res) => {
      const { session } = req;
      const count = await sessions.revokeSubject(userIn(session), { except: session });
      leaveNotice(session, `Signed out everywhere else: ${count} ${count === 1 ? 'device' : 'devices'}.`);
      res.redirect(303, '/devices');
    })
    .post('/devices/sign-out-all', async (req, res) => {
      const { session } = req;
      // This one last: if the store fails in between, the visitor can still ask again.
      await sessions.revokeSubject(userIn(session), { except: session });
      await session.destroy();
      res.redirect(303, '/signed-out');
    });
}

function userIn({ subject }: ShopSession): string {
  if (subject !== undefined) return subject;
  throw new Refusal(403, 'Not signed in', 'Sign in to see where else you are.');
}

function deviceOf(session: ShopSession, visitors: ShopSession): Device {
  const { at, userAgent = '' } = session.data.signedIn ?? {};
  return {
    id: session.id,
    isThisOne: session.id === visitors.id,
    name: deviceName(userAgent),
    userAgent,
    signedInAt: at,
    lastSeenAt: lastSeenAt(session),
  };
}
