/**
 * The client puts a backslash before each carriage return and line feed, so that a text of line ends would be twice its
 * size on the wire. Here they are swapped for characters that the text has none or few of: at most 1 in 126 of all
 * bytes is a line end then, whatever the text.
 */
export interface WithoutLineEnds {
  readonly text: string;
  /** The code of the character that carriage returns were swapped with; absent where there were none. */
  readonly standIn?: number;
}

/** The most that the client adds to a text of so many bytes. */
export function mostEscapes(bytes: number): number {
  return Math.ceil(bytes / 126);
}

/** Text without U+0000, which takes the place of line feeds. */
export function withoutLineEnds(data: string): WithoutLineEnds {
  const text = data.replaceAll('\n', '\0');
  if (!text.includes('\r')) return { text };
  const standIn = rarest(text);
  return { text: swapped(text, standIn), standIn };
}

export function withLineEnds({ text, standIn }: WithoutLineEnds): string {
  return (standIn === undefined ? text : swapped(text, standIn)).replaceAll('\0', '\n');
}

/** The ASCII character that the text has fewest of, apart from those that this file is about. */
function rarest(text: string): number {
  const counts = new Uint32Array(128);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 128) counts[code] = (counts[code] as number) + 1;
  }
  let best = 1;
  for (let code = 2; code < 128; code += 1) {
    if (code !== 10 && code !== 13 && (counts[code] as number) < (counts[best] as number)) best = code;
  }
  return best;
}

function swapped(text: string, standIn: number): string {
  const other = String.fromCharCode(standIn);
  return text
    .split('\r')
    .map((part) => part.replaceAll(other, '\r'))
    .join(other);
}
