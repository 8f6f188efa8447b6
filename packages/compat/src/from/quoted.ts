/** A name of the application's as an identifier of SQL, in the quotes of the dialect. */
export function quoted(name: string, quote: '"' | '`'): string {
  if (typeof name !== 'string' || name === '' || name.includes('\0') || !name.isWellFormed()) {
    throw new TypeError('The name of a schema, a table or a column is well-formed text without U+0000.');
  }
  return quote + name.replaceAll(quote, quote + quote) + quote;
}
