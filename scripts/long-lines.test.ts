import { expect, it } from 'vitest';
import { longLinesOf } from './long-lines.ts';

const long = 'word '.repeat(30);

it('finds long lines of documents, but not of their tables and programs', () => {
  expect(longLinesOf(['short', long, `| ${long}|`, '```js', long, '```', long], true)).toHaveLength(2);
});

it('finds long lines of comments, but not of programs', () => {
  expect(longLinesOf([`// ${long}`, ` * ${long}`, `/** ${long} */`, `const text = '${long}';`], false)).toHaveLength(3);
});

it('lets a word be as long as it is', () => {
  expect(longLinesOf([`- ${'x'.repeat(130)}`], true)).toEqual([]);
});
