import { Router } from 'express';
import { frameOf } from '../frame.ts';
import { racePage } from '../pages/race.ts';
import { race } from '../race.ts';
import { type Contender, raceTrack } from '../race-track.ts';

export interface Contenders {
  readonly merged: Contender;
  readonly lastWriteWins: Contender;
}

/** The race that the server runs by itself; its result is kept in the visitor's session like anything else. */
export function raceRoutes({ merged, lastWriteWins }: Contenders): Router {
  return Router()
    .get('/race', (req, res) => {
      res.send(racePage(req.session.data.race, frameOf(req.session)));
    })
    .post('/race', async (req, res) => {
      req.session.data.race = { merged: await race(merged), lastWriteWins: await race(lastWriteWins) };
      res.redirect(303, '/race');
    });
}

/** The tracks that a browser can race on by itself, each under its own session layer. */
export function raceTracks({ merged, lastWriteWins }: Contenders): Router {
  return Router().use('/race/merged', raceTrack(merged)).use('/race/last-write-wins', raceTrack(lastWriteWins));
}
