import { formatPrice, type Product } from '../catalogue.ts';
import { html } from '../html.ts';
import { type Frame, page } from './layout.ts';

export function cataloguePage(products: readonly Product[], frame: Frame): string {
  const content = html`<p class="lead">Supplies for people who read before they print.</p>
<ul class="products">
${products.map(
  ({ sku, name, blurb, priceCents }) => html`<li class="card">
<img src="/products/${sku}.svg" alt="" width="240" height="160">
<h2>${name}</h2>
<p>${blurb}</p>
<form method="post" action="/cart/add">
<input type="hidden" name="sku" value="${sku}">
<strong>${formatPrice(priceCents)}</strong>
<button aria-label="Add to cart: ${name}">Add to cart</button>
</form>
</li>`,
)}
</ul>`;
  return page('Catalogue', content, frame);
}
