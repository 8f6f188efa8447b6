/** Headers about the content that is not sent after all, or about how long it may be kept. */
const aboutContent =
  /^(content-(?!security-policy)|etag$|last-modified$|location$|refresh$|trailer$|transfer-encoding$|accept-ranges$|cache-control$|expires$)/;

/**
 * Makes way for an error: what was said of the content goes, what guards or allows the access (CORS, CSP) stays. The
 * names are in lower case.
 */
export function forgetContent(names: Iterable<string>, remove: (name: string) => void): void {
  for (const name of [...names]) if (aboutContent.test(name)) remove(name);
}
