import { itemsIn } from './cart.ts';
import { takeNotices } from './notices.ts';
import type { Frame } from './pages/layout.ts';
import { abandonedCart } from './reminders.ts';
import type { ShopSession } from './sessions.ts';
import { userOf } from './users.ts';

/** What the pages show of a session around their content. The notices are used up by it. */
export function frameOf(session: ShopSession): Frame {
  const { data, subject } = session;
  const user = userOf(subject);
  return {
    user,
    itemsInCart: itemsIn(data.cart),
    itemsAbandoned: itemsIn(abandonedCart(data)),
    mailedTo: data.reminder?.mail === 'sent' ? user?.email : undefined,
    notices: takeNotices(session),
  };
}
