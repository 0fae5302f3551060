import type { Command } from 'commander';
import type { CommandContext } from './command-context.js';

/** Turns a handler into a commander action: it gets the context first, and its errors become an exit code. */
export type Action = <Args extends unknown[]>(
  handler: (context: CommandContext, ...args: Args) => Promise<void>,
) => (...args: [...Args, ...unknown[]]) => Promise<void>;

/** Adds one command and its sub-commands. */
export type Register = (program: Command, action: Action) => void;
