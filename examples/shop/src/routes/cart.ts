import { type Request, Router } from 'express';
import { changeQuantity, linesOf, mostOfOne } from '../cart.ts';
import { type Product, productOf } from '../catalogue.ts';
import { Refusal } from '../failure.ts';
import { textField } from '../form.ts';
import { frameOf } from '../frame.ts';
import { leaveNotice } from '../notices.ts';
import { cartPage } from '../pages/cart.ts';

/** The cart is changed through `session.update`, so that two clicks at once both count. */
export function cartRoutes(): Router {
  return Router()
    .get('/cart', (req, res) => {
      res.send(cartPage(linesOf(req.session.data.cart), frameOf(req.session)));
    })
    .post('/cart/add', (req, res) => {
      const { sku, name } = productIn(req);
      req.session.update(
        'cart',
        changeQuantity(sku, (quantity) => quantity + 1),
      );
      leaveNotice(req.session, `${name} is in your cart.`);
      res.redirect(303, '/');
    })
    .post('/cart/quantity', (req, res) => {
      const { sku, name } = productIn(req);
      const quantity = quantityIn(req);
      req.session.update(
        'cart',
        changeQuantity(sku, () => quantity),
      );
      leaveNotice(req.session, `${name}: ${quantity}.`);
      res.redirect(303, '/cart');
    })
    .post('/cart/remove', (req, res) => {
      const { sku, name } = productIn(req);
      req.session.update(
        'cart',
        changeQuantity(sku, () => 0),
      );
      leaveNotice(req.session, `${name} is out of your cart.`);
      res.redirect(303, '/cart');
    });
}

function productIn(req: Request): Product {
  const product = productOf(textField(req, 'sku'));
  if (product) return product;
  throw new Refusal(404, 'We do not sell that', 'There is no such product in the catalogue, or not any more.');
}

function quantityIn(req: Request): number {
  const text = textField(req, 'quantity');
  if (/^\d{1,2}$/.test(text)) return Number(text);
  throw new Refusal(400, 'How many?', `A quantity is a whole number from 0 to ${mostOfOne}.`);
}
