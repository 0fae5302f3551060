import { accessSync, chmodSync, constants, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AileronError } from '@aileron/errors';
import { systemErrorCode } from './system-error.js';

// Linux allows 107 bytes; the longest socket below a home is `run/<16>/proxy.sock`.
const LONGEST_SOCKET_SUFFIX = '/run/0123456789abcdef/proxy.sock'.length;
const LONGEST_SOCKET_PATH = 107;

/** The paths of one home. Nothing is created by asking for a path. */
export class Home {
  readonly root: string;

  constructor(root: string) {
    this.root = resolve(root);
  }

  readonly path = (...parts: string[]): string => join(this.root, ...parts);

  get serviceFile(): string {
    return this.path('service.json');
  }
  get lockFile(): string {
    return this.path('service.lock');
  }
  get trustFile(): string {
    return this.path('trust.json');
  }
  get storeDirectory(): string {
    return this.path('store');
  }
  get policyDirectory(): string {
    return this.path('policy');
  }
  get proxyDirectory(): string {
    return this.path('proxy');
  }
  get socketRoot(): string {
    return this.path('run');
  }
  get logsDirectory(): string {
    return this.path('logs');
  }
  get sessionsDirectory(): string {
    return this.path('sessions');
  }
  keyFile(name: KeyName): string {
    return this.path('keys', `${name}.key`);
  }

  /**
   * Creates the folders, each 0700.
   * @throws AileronError HOME_UNWRITABLE, HOME_PATH_TOO_LONG
   */
  prepare(): void {
    if (Buffer.byteLength(this.root) + LONGEST_SOCKET_SUFFIX > LONGEST_SOCKET_PATH) {
      throw new AileronError('HOME_PATH_TOO_LONG', {
        home: this.root,
        longestBytes: LONGEST_SOCKET_PATH - LONGEST_SOCKET_SUFFIX,
      });
    }
    try {
      for (const directory of ['', 'keys', 'store', 'policy', 'proxy', 'run', 'logs', 'sessions']) {
        mkdirSync(this.path(directory), { recursive: true, mode: 0o700 });
      }
      chmodSync(this.root, 0o700);
      accessSync(this.root, constants.W_OK | constants.X_OK);
    } catch (cause) {
      throw new AileronError(
        'HOME_UNWRITABLE',
        { home: this.root, reason: systemErrorCode(cause) ?? 'unknown' },
        { cause },
      );
    }
  }

  exists(): boolean {
    return statSync(this.root, { throwIfNoEntry: false })?.isDirectory() ?? false;
  }
}

export type KeyName = 'admin' | 'device' | 'credential-service' | 'audit';
