export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly blurb: string;
  readonly priceCents: number;
}

export const catalogue: readonly Product[] = [
  { sku: 'blue-pencil', name: 'Blue pencil', blurb: 'For marks that leave no trace in print.', priceCents: 240 },
  { sku: 'red-pen', name: 'Red pen', blurb: 'For marks that are meant to be seen.', priceCents: 320 },
  { sku: 'eraser', name: 'Eraser', blurb: 'For second thoughts.', priceCents: 180 },
  { sku: 'stamp', name: 'STET stamp', blurb: 'For third thoughts: let it stand.', priceCents: 1400 },
  { sku: 'notebook', name: 'Notebook', blurb: '96 leaves, stitched, wide margins.', priceCents: 950 },
  { sku: 'ink', name: 'Bottle of ink', blurb: 'Iron gall. Does not wash out.', priceCents: 1120 },
  { sku: 'ruler', name: 'Steel ruler', blurb: 'Picas on one edge, millimetres on the other.', priceCents: 680 },
  { sku: 'lamp', name: 'Reading lamp', blurb: 'Kind to tired eyes and to page 400.', priceCents: 4800 },
];

const bySku: ReadonlyMap<string, Product> = new Map(catalogue.map((product) => [product.sku, product]));

export function productOf(sku: string): Product | undefined {
  return bySku.get(sku);
}

const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });

export function formatPrice(cents: number): string {
  return euros.format(cents / 100);
}
