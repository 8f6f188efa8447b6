import { Router } from 'express';
import { catalogue } from '../catalogue.ts';
import { frameOf } from '../frame.ts';
import { cataloguePage } from '../pages/catalogue.ts';

export function catalogueRoutes(): Router {
  return Router().get('/', (req, res) => {
    res.send(cataloguePage(catalogue, frameOf(req.session)));
  });
}
