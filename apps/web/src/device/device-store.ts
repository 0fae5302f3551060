import type { BrowserKey } from './browser-key.js';

const DATABASE = 'aileron';
const STORE = 'device';
const KEY = 'browser';

/** IndexedDB keeps a private key that no script can read: the key itself, not its bytes. */
export class DeviceStore {
  private constructor(private readonly database: IDBDatabase) {}

  static async open(): Promise<DeviceStore> {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    return new DeviceStore(await settled(opening));
  }

  read(): Promise<BrowserKey | undefined> {
    return settled(this.#store('readonly').get(KEY) as IDBRequest<BrowserKey | undefined>);
  }

  async write(key: BrowserKey): Promise<void> {
    await settled(this.#store('readwrite').put(key, KEY));
  }

  #store(mode: IDBTransactionMode): IDBObjectStore {
    return this.database.transaction(STORE, mode).objectStore(STORE);
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('this browser keeps nothing'));
  });
}
