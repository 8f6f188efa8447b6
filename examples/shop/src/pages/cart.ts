import { type CartLine, mostOfOne, totalCents } from '../cart.ts';
import { formatPrice } from '../catalogue.ts';
import { type Html, html } from '../html.ts';
import { type Frame, page } from './layout.ts';

export function cartPage(lines: readonly CartLine[], frame: Frame): string {
  return page('Your cart', lines.length > 0 ? cartTable(lines) : emptyCart, frame);
}

const emptyCart = html`<p>There is nothing in it yet. The <a href="/">catalogue</a> is short and to the point.</p>`;

function cartTable(lines: readonly CartLine[]): Html {
  return html`<table class="cart">
<thead><tr><th scope="col">Product</th><th scope="col">Quantity</th><th scope="col" class="amount">Price</th><th scope="col"><span class="unseen">Remove</span></th></tr></thead>
<tbody>${lines.map(cartRow)}</tbody>
<tfoot><tr><th scope="row" colspan="2">Total</th><td class="amount">${formatPrice(totalCents(lines))}</td><td></td></tr></tfoot>
</table>`;
}

function cartRow({ product: { sku, name, priceCents }, quantity }: CartLine): Html {
  return html`<tr>
<th scope="row"><img src="/products/${sku}.svg" alt="" width="60" height="40"> ${name}</th>
<td><form method="post" action="/cart/quantity">
<input type="hidden" name="sku" value="${sku}">
<label class="unseen" for="quantity-${sku}">Quantity: ${name}</label>
<input id="quantity-${sku}" type="number" name="quantity" value="${quantity}" min="0" max="${mostOfOne}" required>
<button class="quiet" aria-label="Change the quantity: ${name}">Change</button>
</form></td>
<td class="amount">${formatPrice(priceCents * quantity)}</td>
<td><form method="post" action="/cart/remove">
<input type="hidden" name="sku" value="${sku}">
<button class="quiet" aria-label="Remove: ${name}">Remove</button>
</form></td>
</tr>`;
}
