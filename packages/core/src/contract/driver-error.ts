/** What an operator needs of a driver's error besides its message. None of these holds what the caller sent. */
const facts = ['code', 'errno', 'syscall', 'address', 'port', 'sqlState', 'severity', 'routine', 'constraint'] as const;

const longestMessage = 300;
const deepest = 4;
const mostErrors = 8;

/**
 * A copy of a driver's error without what the caller sent: drivers put commands, rows, paths and values into messages
 * and properties. The copy keeps the name, the stack frames, the codes of the network, the operating system and the
 * server, and the first line of the message with all that stands in quotation marks, and all that could be a session id
 * or a token, taken out. Errors below it (`cause`, `errors`) are copied alike.
 */
export function withoutData(error: unknown, depth = 0): Error {
  const original =
    error instanceof Error ? error : new Error(typeof error === 'string' ? error : `${typeof error} thrown`);
  const message = saidBy(original);
  const copy = new Error(message);
  const given = original as unknown as Readonly<Record<string, unknown>>;
  for (const fact of facts) {
    const value = given[fact];
    if (typeof value === 'number' || (typeof value === 'string' && /^[\w.:-]{1,64}$/.test(value) && !isSecret(value))) {
      Object.assign(copy, { [fact]: value });
    }
  }
  if (/^\w{1,40}$/.test(original.name)) Object.defineProperty(copy, 'name', hidden(original.name));
  Object.defineProperty(copy, 'stack', hidden(`${copy.name}: ${message}${framesOf(original)}`));
  if (depth < deepest) {
    if (original.cause !== undefined)
      Object.defineProperty(copy, 'cause', hidden(withoutData(original.cause, depth + 1)));
    if (Array.isArray(given.errors)) {
      const errors = given.errors.slice(0, mostErrors).map((each: unknown) => withoutData(each, depth + 1));
      Object.defineProperty(copy, 'errors', hidden(errors));
    }
  }
  return copy;
}

/**
 * What a driver's error says, without what the caller sent: for the message of a `StoreError`. See {@link withoutData}.
 */
export function saidBy(error: unknown): string {
  const message =
    error instanceof Error ? error.message || nameOf(error) : typeof error === 'string' ? error : typeof error;
  const [line = ''] = message.trimStart().split('\n', 1);
  return line
    .replace(/(["'`]).*\1/g, '$1…$1')
    .replace(/[\w-]{40,}/g, '…')
    .slice(0, longestMessage);
}

/** The error of a connection that was tried at several addresses has a code and no message. */
function nameOf(error: Error): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : error.name;
}

function isSecret(value: string): boolean {
  return /[\w-]{40,}/.test(value);
}

function framesOf({ stack = '' }: Error): string {
  const frames = stack.split('\n').filter((line) => /^\s+at .+:\d+:\d+\)?$/.test(line));
  return frames.map((frame) => `\n${frame}`).join('');
}

function hidden(value: unknown): PropertyDescriptor {
  return { value, writable: true, configurable: true, enumerable: false };
}
