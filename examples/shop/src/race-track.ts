import { type RequestHandler, type Response, Router } from 'express';

/** What the requests of a race put into one session: each a key of its own. Mark 0 is there before the start. */
export type Marks = { [mark: `mark${number}`]: true | undefined };

export const runners: readonly number[] = Array.from({ length: 50 }, (_, index) => index + 1);

/** A session layer that takes part: its middleware, and where it leaves the data of the visitor's session. */
export interface Contender {
  readonly middleware: RequestHandler;
  readonly marksOf: (res: Response) => Marks;
}

/** `PUT /` begins a race with a session that has no marks, `POST /7` sets mark 7, `GET /` tells which are there. */
export function raceTrack({ middleware, marksOf }: Contender, start: () => Promise<void> = async () => {}): Router {
  return Router()
    .use(middleware)
    .put('/', (_req, res) => {
      const marks = marksOf(res);
      for (const runner of runners) delete marks[`mark${runner}`];
      marks.mark0 = true;
      res.sendStatus(204);
    })
    .post('/:runner', async (req, res) => {
      await start();
      const runner = runners.find((number) => String(number) === req.params.runner);
      if (runner) marksOf(res)[`mark${runner}`] = true;
      res.sendStatus(runner ? 204 : 404);
    })
    .get('/', (_req, res) => {
      const marks = marksOf(res);
      res.json(runners.filter((runner) => marks[`mark${runner}`]));
    });
}
