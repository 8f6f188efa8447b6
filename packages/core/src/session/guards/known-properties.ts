/**
 * Makes assignments to properties that a class does not have throw, also outside strict mode, where they would be
 * accepted and lost: by a setter for each that can only be read, and by a last prototype that is asked for all others.
 */
export function refuseUnknownProperties(prototype: object, explain: (key: string) => Error): void {
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (descriptor.get && !descriptor.set) {
      const refuse = () => {
        throw explain(key);
      };
      Object.defineProperty(prototype, key, { ...descriptor, set: refuse });
    }
  }
  const last = new Proxy(Object.create(Object.prototype), {
    set(_target, key, value, receiver) {
      if (typeof key === 'string') throw explain(key);
      return Reflect.defineProperty(receiver, key, { value, writable: true, enumerable: true, configurable: true });
    },
  });
  Object.setPrototypeOf(prototype, last);
}
