/** What a visitor of a shop has in a session: about 1 KB as JSON. */
export function contents(): Record<string, unknown> {
  return {
    user: {
      id: 'user-4711',
      name: 'Ada Lovelace',
      roles: ['customer', 'reviewer'],
      lastLogin: '2026-01-31T12:34:56.789Z',
    },
    cart: Array.from({ length: 8 }, (_, index) => ({
      item: `article-${1_000 + index}`,
      title: 'A book that is worth its price',
      quantity: 1 + (index % 3),
      cents: 1_299 + 100 * index,
    })),
    settings: { locale: 'en-GB', currency: 'EUR', theme: 'dark', pageSize: 48 },
    changes: 0,
  };
}
