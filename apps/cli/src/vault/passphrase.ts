import { readFileSync } from 'node:fs';
import { isCancel, password } from '@clack/prompts';
import { AileronError } from '@aileron/errors';
import { Secret } from '@aileron/vault';

const LONGEST_PASSPHRASE = 1_024;
const SHORTEST_NEW_PASSPHRASE = 8;

export interface PassphraseSource {
  /** AILERON_PASSPHRASE or AILERON_PASSPHRASE_FILE. */
  readonly configured?: Secret | undefined;
  /** --passphrase-file; `-` is standard input. */
  readonly file?: string | undefined;
}

/** The passphrase of an existing vault, from a file, the configuration or a person at a terminal. */
export async function readPassphrase(source: PassphraseSource, question = 'Passphrase of your vault'): Promise<Secret> {
  if (source.file !== undefined) return fromFile(source.file);
  if (source.configured) return source.configured;
  if (!process.stdin.isTTY) {
    throw new AileronError('INVALID_ARGUMENT', {
      fields: [
        {
          field: 'passphrase',
          message: 'no terminal to ask at: use --passphrase-file, AILERON_PASSPHRASE_FILE or AILERON_PASSPHRASE',
        },
      ],
    });
  }
  const answer = await password({ message: question });
  if (isCancel(answer)) throw new AileronError('CANCELLED');
  return bounded(answer);
}

/** A new passphrase: long enough, and typed twice where a person types it. */
export async function readNewPassphrase(source: PassphraseSource): Promise<Secret> {
  const first = await readPassphrase(source, 'New passphrase for your vault');
  if (first.length < SHORTEST_NEW_PASSPHRASE) {
    throw new AileronError('INVALID_ARGUMENT', {
      fields: [{ field: 'passphrase', message: `use at least ${SHORTEST_NEW_PASSPHRASE} characters` }],
    });
  }
  if (source.file !== undefined || source.configured) return first;
  const second = await readPassphrase(source, 'The same again');
  if (first.exposeString() !== second.exposeString()) {
    throw new AileronError('INVALID_ARGUMENT', {
      fields: [{ field: 'passphrase', message: 'the two differ: nothing was made' }],
    });
  }
  return first;
}

function fromFile(file: string): Secret {
  try {
    return bounded(readFileSync(file === '-' ? 0 : file, 'utf8').replace(/\r?\n$/, ''));
  } catch (cause) {
    if (AileronError.is(cause)) throw cause;
    throw new AileronError(
      'INVALID_ARGUMENT',
      { fields: [{ field: 'passphrase-file', message: 'cannot be read' }] },
      { cause },
    );
  }
}

function bounded(text: string): Secret {
  if (text.length === 0 || text.length > LONGEST_PASSPHRASE) {
    throw new AileronError('INVALID_ARGUMENT', {
      fields: [{ field: 'passphrase', message: `use 1 to ${LONGEST_PASSPHRASE} characters` }],
    });
  }
  return Secret.fromString(text);
}
