/** A session of about 1 KB, such as a shop keeps. */
export const sample: Record<string, unknown> = {
  user: { id: 7, name: 'Ada Lovelace', roles: ['admin', 'editor'] },
  cart: {
    currency: 'EUR',
    items: Array.from({ length: 8 }, (_, n) => ({
      sku: `sku-${n}`,
      title: `The pen with the number ${n}, in blue`,
      quantity: n + 1,
      price: 12.5 * n,
    })),
  },
  prefs: { theme: 'dark', language: 'en', sidebar: true },
  flash: ['Saved.'],
  visits: 41,
  csrf: 'x'.repeat(43),
  lastPage: '/shop/pens',
};
