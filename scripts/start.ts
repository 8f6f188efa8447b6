/** `npm start`: the demo, on a store that needs no server. */
await import('../examples/shop/src/main.ts');
