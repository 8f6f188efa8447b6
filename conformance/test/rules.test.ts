import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { rules } from '../src/index.ts';

test('ids are unique, and within a section they count up from 1', () => {
  const sections = Map.groupBy(rules, ({ id }) => Number(id.split('.')[0]));
  expect(Array.from(sections.keys())).toEqual(Array.from({ length: sections.size }, (_, section) => section));
  for (const [section, own] of sections) {
    expect(own.map(({ id }) => id)).toEqual(own.map((_, index) => `${section}.${index + 1}`));
  }
});

test('a rule says what a store does in a sentence, and why in others', () => {
  for (const { id, title, intent, since } of rules) {
    expect(title, id).toMatch(/^\S.*[^.\s]$/);
    expect(intent, id).toMatch(/^[A-Z].*\.$/);
    expect(since, id).toMatch(/^\d+\.\d+\.\d+$/);
  }
});

test('no rule has changed what its id stands for', () => {
  expect(rules.map(({ id, level, title }) => `${id} ${level} ${title}`)).toMatchSnapshot();
});

test('docs/contract.md and rules.json are up to date', () => {
  const script = fileURLToPath(new URL('../../scripts/generate-rules.ts', import.meta.url));
  execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' });
});

test('docs/writing-a-store.md shows the store and the target of the example as they are', () => {
  const textOf = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const guide = textOf('docs/writing-a-store.md');
  for (const file of ['store.js', 'target.js']) {
    expect(guide).toContain(`\`\`\`js\n${textOf(`examples/third-party-store/${file}`)}\`\`\`\n`);
  }
});
