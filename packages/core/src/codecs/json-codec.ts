import { StoreError } from '../contract/store-error.ts';
import type { Codec, SessionValues } from './codec.ts';
import { isPlainJson, type Loss, lossIn, pathText } from './json-loss.ts';

/** Keeps session data as one JSON object. Values survive as JSON does it: a `Date` comes back as a string. */
export class JsonCodec implements Codec {
  encode(values: SessionValues): string {
    try {
      return JSON.stringify(values);
    } catch {
      // The error that was thrown may quote the data: it is not passed on.
      throw cannotBeKept(lossIn(values) ?? { path: [], what: 'a toJSON method in it has failed' });
    }
  }

  decode(text: string): SessionValues {
    let values: unknown;
    try {
      values = JSON.parse(text);
    } catch {
      // The error that was thrown quotes the data: it is not passed on.
      throw new StoreError('STORE_CORRUPT_RECORD', 'The data of the session is not JSON.');
    }
    if (typeof values === 'object' && values !== null && !Array.isArray(values)) return values as SessionValues;
    throw new StoreError('STORE_CORRUPT_RECORD', 'The data of the session is JSON, but not an object.');
  }

  assertLossless(values: SessionValues): void {
    const loss = isPlainJson(values) ? undefined : lossIn(values);
    if (loss) throw cannotBeKept(loss);
  }

  seal(text: string): string {
    return text;
  }

  open(data: string): string {
    return data;
  }
}

function cannotBeKept({ path, what }: Loss): TypeError {
  return new TypeError(`The session's ${JSON.stringify(pathText(path))} cannot be kept: ${what}.`);
}
