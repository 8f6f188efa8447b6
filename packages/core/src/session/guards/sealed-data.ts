/**
 * The data of a session that is closed, to look at: every attempt to change it, at any depth, is refused. Freezing it
 * would not do, because outside strict mode a change of a frozen object is lost without a word.
 */
export function sealedView<T extends object>(data: T, refuse: () => never): T {
  const views = new WeakMap<object, object>();

  function viewOf(object: object): object {
    const known = views.get(object);
    if (known) return known;
    const view = new Proxy(object, handler);
    views.set(object, view);
    return view;
  }

  const handler: ProxyHandler<object> = {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'object' && value !== null ? viewOf(value) : value;
    },
    set: refuse,
    deleteProperty: refuse,
    defineProperty: refuse,
    setPrototypeOf: refuse,
  };
  return viewOf(data) as T;
}
