export { FileStore } from './file-store.ts';
export type { Durability, FileStoreOptions } from './file-store-options.ts';
