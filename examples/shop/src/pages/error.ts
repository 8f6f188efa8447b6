import type { Failure } from '../failure.ts';
import { html } from '../html.ts';
import { page } from './layout.ts';

export function errorPage({ title, text }: Failure): string {
  return page(title, html`<p class="lead">${text}</p><p><a href="/">To the catalogue</a></p>`);
}
