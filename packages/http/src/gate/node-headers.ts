import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { ResponseHeaders } from '../cookie/response-marks.ts';

/** What `writeHead` takes: an object, a list of pairs, or names and values in turn. */
export type HeadFields = OutgoingHttpHeaders | readonly OutgoingHttpHeader[] | readonly (readonly string[])[];

/** A Node.js response's headers under the names that `Headers` has for them. */
export function nodeHeaders(response: ServerResponse): ResponseHeaders {
  return {
    get: (name) => response.getHeader(name)?.toString() ?? null,
    set: (name, value) => response.setHeader(name, value),
    append(name, value) {
      // Not appendHeader, which adds to the very array that the application gave, and may share between its responses.
      const before = response.getHeader(name) ?? [];
      response.setHeader(name, [...(Array.isArray(before) ? before : [String(before)]), value]);
    },
  };
}

/**
 * Takes over the headers of a `writeHead` call as that would: they replace those that were set, and a list may repeat a
 * name.
 */
export function foldIn(response: ServerResponse, fields: HeadFields): void {
  if (!Array.isArray(fields)) {
    for (const [name, value] of Object.entries(fields)) response.setHeader(name, value as OutgoingHttpHeader);
    return;
  }
  const pairs = Array.isArray(fields[0]) ? fields : pairsOf(fields);
  for (const [name] of pairs) response.removeHeader(name);
  for (const [name, value] of pairs) response.appendHeader(name, value);
}

function pairsOf(fields: readonly string[]): Array<readonly [name: string, value: string]> {
  if (fields.length % 2 !== 0) throw new TypeError('A list of headers has a value for each name.');
  return Array.from({ length: fields.length / 2 }, (_, n) => [fields[2 * n] ?? '', fields[2 * n + 1] ?? '']);
}

/** HTTP/2 has no reason beside the status, and Node.js warns whoever reads or sets one. */
export function hasReason(response: ServerResponse): boolean {
  return response.req.httpVersionMajor < 2;
}
