/** Markup that is safe to send. Only `html` makes it, so nothing that came from a visitor can pass for it. */
export class Html {
  readonly #markup: string;

  constructor(strings: TemplateStringsArray, values: readonly Content[]) {
    this.#markup = String.raw({ raw: strings }, ...values.map(render));
  }

  toString(): string {
    return this.#markup;
  }
}

/** What may stand in a template: text, which is escaped; markup; a list of either; or nothing. */
export type Content = string | number | Html | readonly Content[] | null | undefined | false;

/** A template of HTML. Everything put into it is escaped, for text and for quoted attributes alike. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Html {
  return new Html(strings, values);
}

function render(value: Content): string {
  if (value instanceof Html) return value.toString();
  if (Array.isArray(value)) return value.map(render).join('');
  if (value === null || value === undefined || value === false) return '';
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
