import { randomUUID } from 'node:crypto';
import { type Product, productOf } from './catalogue.ts';

/** What a visitor means to buy. It keeps its id until it is empty: a reminder is sent once for each id. */
export interface Cart {
  readonly id: string;
  readonly quantities: Readonly<Record<string, number>>;
  readonly changedAt: number;
}

export interface CartLine {
  readonly product: Product;
  readonly quantity: number;
}

export const mostOfOne = 99;

/**
 * A change of the quantity of one product, for `session.update`: it runs again where two requests overlap, so what
 * differs from run to run, the time and a new id, is drawn before.
 */
export function changeQuantity(sku: string, change: (before: number) => number): (cart?: Cart) => Cart {
  const changedAt = Date.now();
  const freshId = randomUUID();
  return (cart) => {
    const quantity = Math.min(change(cart?.quantities[sku] ?? 0), mostOfOne);
    const { [sku]: _, ...others } = cart?.quantities ?? {};
    const quantities = quantity > 0 ? { ...others, [sku]: quantity } : others;
    return { id: cart && itemsIn(cart) > 0 ? cart.id : freshId, quantities, changedAt };
  };
}

export function itemsIn(cart: Cart | undefined): number {
  return Object.values(cart?.quantities ?? {}).reduce((sum, quantity) => sum + quantity, 0);
}

/** Without the products that the shop has stopped selling. */
export function linesOf(cart: Cart | undefined): CartLine[] {
  return Object.entries(cart?.quantities ?? {}).flatMap(([sku, quantity]) => {
    const product = productOf(sku);
    return product ? [{ product, quantity }] : [];
  });
}

export function totalCents(lines: readonly CartLine[]): number {
  return lines.reduce((sum, { product, quantity }) => sum + product.priceCents * quantity, 0);
}
