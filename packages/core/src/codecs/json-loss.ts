/** A value that JSON cannot keep, or would keep as something else. */
export interface Loss {
  /** The way to it from the top: `['cart', 'items', 3, 'price']`. */
  readonly path: ReadonlyArray<string | number>;
  /** What is wrong with it, in words. Never the value itself. */
  readonly what: string;
}

/**
 * The first value in which JSON would lose something; `undefined` where there is none. A property that is `undefined`
 * is as good as absent.
 */
export function lossIn(values: object): Loss | undefined {
  return inObject(values, []);
}

/**
 * Whether there is nothing but what JSON has: a quick answer for nearly all data, which must not contain itself. It may
 * be no where there is no loss.
 */
export function isPlainJson(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (Array.isArray(value)) {
    for (const each of value) if (each === undefined || !isPlainJson(each)) return false;
    return true;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) if (!isPlainJson((value as Record<string, unknown>)[key])) return false;
  return true;
}

/** A path as it is written in JavaScript: `cart.items[3].price`. */
export function pathText(path: ReadonlyArray<string | number>): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
}

function inValue(value: unknown, above: object[]): Loss | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : here(`JSON has no ${value}`);
    case 'object':
      return value === null ? undefined : inObject(value, above);
    default:
      return here(`it is a ${typeof value}, which JSON does not have`);
  }
}

function inObject(object: object, above: object[]): Loss | undefined {
  if (typeof (object as { toJSON?: unknown }).toJSON === 'function') return inConverted(object);
  if (above.includes(object)) return here('it contains itself');
  above.push(object);
  const loss = Array.isArray(object) ? inArray(object, above) : inProperties(object, above);
  above.pop();
  return loss;
}

function inConverted(object: object): Loss | undefined {
  try {
    JSON.stringify(object);
    return undefined;
  } catch {
    return here('its toJSON method failed, or gave what JSON does not have');
  }
}

function inArray(array: readonly unknown[], above: object[]): Loss | undefined {
  for (let index = 0; index < array.length; index += 1) {
    const value = array[index];
    const loss = value === undefined ? here('JSON has no undefined in an array: use null') : inValue(value, above);
    if (loss) return within(index, loss);
  }
  return undefined;
}

function inProperties(object: object, above: object[]): Loss | undefined {
  const prototype = Object.getPrototypeOf(object);
  // The prototype of plain objects has none itself, in whichever realm they were made.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    return here(`it is an instance of ${prototype.constructor?.name || 'a class'}: keep a plain object`);
  for (const key of Object.keys(object)) {
    const loss = inValue((object as Record<string, unknown>)[key], above);
    if (loss) return within(key, loss);
  }
  return undefined;
}

function here(what: string): Loss {
  return { path: [], what };
}

function within(step: string | number, { path, what }: Loss): Loss {
  return { path: [step, ...path], what };
}
