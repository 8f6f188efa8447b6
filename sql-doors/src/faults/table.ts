/** By database, fault and operation: all the ways in which calls ended. */
const outcomes = new Map<string, Map<string, Map<string, Set<string>>>>();

export function note(database: string, fault: string, operation: string, outcome: string): void {
  const rows = getOrInsert(outcomes, database, () => new Map());
  const row = getOrInsert(rows, fault, () => new Map());
  getOrInsert(row, operation, () => new Set()).add(outcome);
}

/** What has been noted, as the documentation shows it. */
export function faultTable({ subject, command }: FaultPage, operations: readonly string[]): string {
  const sections = Array.from(outcomes, ([database, rows]) => {
    const lines = Array.from(rows, ([fault, row]) => [
      fault,
      ...operations.map((operation) =>
        Array.from(row.get(operation) ?? [], shown)
          .sort()
          .join(', '),
      ),
    ]);
    const table = [['', ...operations], operations.map(() => '---').concat('---'), ...lines];
    return `## ${database}\n\n${table.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
  });
  return [introduction(subject, command), ...sections].join('\n');
}

function shown(outcome: string): string {
  return outcome === 'done' ? 'done' : `\`${outcome.replace('STORE_', '')}\``;
}

function getOrInsert<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

/** The page that a table is on. */
export interface FaultPage {
  /** What is tested. */
  readonly subject: string;
  /** What makes the page anew. */
  readonly command: string;
}

const introduction = (subject: string, command: string): string => `# How calls of ${subject} end under faults

All the ways in which each call ended in tests with real databases. \`UNAVAILABLE\` stands for \`STORE_UNAVAILABLE\` and so
on. No call took longer than its \`timeoutMs\`, what the database held afterwards was checked against what the call had
said, and the same store went on working. No fault was ever reported as \`null\`, \`false\`, \`gone\` or \`conflict\`.

Made by \`${command}\`; the tests fail where it is out of date.
`;
