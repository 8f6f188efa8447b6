import { StoreError } from '../contract/store-error.ts';
import type { Codec } from './codec.ts';

/** Keeps session data as one JSON object. Values survive as JSON does it: a `Date` comes back as a string. */
export class JsonCodec implements Codec {
  encodeValue(value: unknown): string | undefined {
    return JSON.stringify(value);
  }

  decodeValue(text: string): unknown {
    return JSON.parse(text);
  }

  encode(values: ReadonlyMap<string, string>): string {
    return `{${Array.from(values, ([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`;
  }

  decode(data: string): Map<string, string> {
    let parsed: unknown;
    try {
      parsed = JSON.parse(data);
    } catch (cause) {
      throw new StoreError('STORE_CORRUPT_RECORD', 'The data of the session is not JSON.', { cause });
    }
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
      throw new StoreError('STORE_CORRUPT_RECORD', 'The data of the session is JSON, but not an object.');
    }
    return new Map(Object.entries(parsed).map(([key, value]) => [key, JSON.stringify(value)]));
  }
}
