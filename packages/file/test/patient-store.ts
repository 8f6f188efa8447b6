import { FileStore, type FileStoreOptions } from '../src/index.ts';

/**
 * A store for tests that are not about the deadline: on a busy machine one call to the disk may take longer than the
 * default.
 */
export function patientStore(options: FileStoreOptions): FileStore {
  return new FileStore({ timeoutMs: 600_000, ...options });
}
