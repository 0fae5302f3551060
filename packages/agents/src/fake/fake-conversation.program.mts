/**
 * The fake agent as one that is talked to: JSON lines in and out, as `fake.lines.ts` has them. Only Node's own modules, so that
 * its folder is the whole program. `node fake-conversation.program.mjs <ask|bypass> <new|resume|fork> <id> [<from>]`
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stepsOf, type Step } from './fake-turn.mjs';

const MAX_OUTPUT_CHARACTERS = 200_000;
const WORD = /\S+\s*/g;

type Answer = { allow: boolean; text?: string; answers?: Record<string, string> };
type Input =
  { type: 'message'; id: string; text: string } | { type: 'interrupt' } | ({ type: 'answer'; id: string } & Answer);

interface Memory {
  /** Ids and texts of the messages that were taken. */
  readonly messages: { id: string; text: string }[];
}

class Interrupted extends Error {}
class Failed extends Error {}

const [mode = 'ask', beginning = 'new', conversation = '', from = ''] = process.argv.slice(2);
const directory = join(homedir(), '.fake-agent');
const answers = new Map<string, (answer: Answer) => void>();
const inbox: { id: string; text: string }[] = [];
let memory: Memory = { messages: [] };
let turn: { readonly abort: AbortController } | null = null;
let remembered = mode === 'bypass';
let ids = 0;

const send = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const fileOf = (id: string): string => join(directory, `${id}.json`);
/** The same in the same place of the same conversation, another in each turn. */
const newId = (kind: string): string => `${kind}-${memory.messages.length}-${(ids += 1)}`;

async function load(id: string): Promise<Memory | null> {
  try {
    return JSON.parse(await readFile(fileOf(id), 'utf8')) as Memory;
  } catch {
    return null;
  }
}

async function save(): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(`${fileOf(conversation)}.new`, JSON.stringify(memory));
  await rename(`${fileOf(conversation)}.new`, fileOf(conversation));
}

async function takeMessages(): Promise<void> {
  for (let message = inbox.shift(); message !== undefined; message = inbox.shift()) {
    const { id, text } = message;
    const isKnown = memory.messages.some((each) => each.id === id);
    if (!isKnown) {
      memory.messages.push({ id, text });
      await save();
    }
    send({ type: 'accepted', message: id });
    if (!isKnown) await takeTurn(text);
    send({ type: 'idle' });
  }
}

async function takeTurn(text: string): Promise<void> {
  const abort = new AbortController();
  turn = { abort };
  ids = 0;
  send({ type: 'working' });
  try {
    for (const step of stepsOf(text)) {
      if (abort.signal.aborted) throw new Interrupted();
      await takeStep(step, abort.signal);
    }
    send({ type: 'usage', input: text.length, output: 2 * text.length, costUsd: 0.001 });
  } catch (error) {
    if (error instanceof Interrupted) send({ type: 'notice', code: 'interrupted', text: 'The turn was interrupted.' });
    else send({ type: 'failed', text: error instanceof Error ? error.message : String(error) });
  } finally {
    turn = null;
  }
}

async function takeStep(step: Step, signal: AbortSignal): Promise<void> {
  switch (step.do) {
    case 'say':
    case 'think':
      return say(step.text, step.do === 'think');
    case 'recall':
      return say(`I know ${memory.messages.length} messages. The first was: ${memory.messages[0]?.text ?? ''}`, false);
    case 'notice':
      return send({ type: 'notice', code: 'note', text: step.text });
    case 'fail':
      throw new Failed(step.text);
    case 'print':
      return void process.stdout.write(`${step.text}\n`);
    case 'run':
    case 'exec':
      return runTool(step.command, step.do === 'run', signal);
    case 'wait':
      return useTool(waiting(step.milliseconds), signal, () => wait(step.milliseconds, signal));
    case 'write':
      return writeTool(step.path, step.text, signal);
    case 'ask':
      return ask(step.question, step.options, signal);
    case 'plan':
      return step.entries.forEach((_, at) => send({ type: 'plan', entries: planAt(step.entries, at) }));
    case 'output':
      return useTool(reading(step.bytes), signal, async () => ({ text: 'x'.repeat(step.bytes) }));
    case 'crash':
      return process.exit(step.code);
  }
}

const waiting = (milliseconds: number): Tool => ({ name: 'Wait', kind: 'other', input: { milliseconds }, asks: false });
const reading = (bytes: number): Tool => ({ name: 'Output', kind: 'other', input: { bytes }, asks: false });

function say(text: string, thinking: boolean): void {
  const id = newId('say');
  for (const [word] of text.matchAll(WORD)) send({ type: 'say', id, text: word, thinking });
  send({ type: 'said', id });
}

const planAt = (entries: readonly string[], at: number) =>
  entries.map((text, i) => ({ text, status: i < at ? 'completed' : i === at ? 'in-progress' : 'pending' }));

type Result = { text: string; outcome?: 'error'; diff?: object };

interface Tool {
  readonly name: string;
  readonly kind: 'edit' | 'run' | 'other';
  /** The first value says what the call does. */
  readonly input: Readonly<Record<string, string | number>>;
  readonly asks: boolean;
}

async function useTool(tool: Tool, signal: AbortSignal, use: () => Promise<Result>): Promise<void> {
  const { asks, ...call } = tool;
  const id = newId('tool');
  const told = { ...call, title: `${Object.values(tool.input)[0] ?? tool.name}` };
  send({ type: 'tool', id, ...told });
  try {
    const refused = asks && !remembered ? await askPermission(id, told, signal) : null;
    if (refused === null) send({ type: 'tool-done', id, outcome: 'ok', ...(await use()) });
    else send({ type: 'tool-done', id, outcome: 'denied', text: refused });
  } catch (error) {
    if (!signal.aborted) throw error;
    send({ type: 'tool-done', id, outcome: 'interrupted', text: '' });
    throw new Interrupted();
  }
}

/** Null when it may; else why not. */
async function askPermission(tool: string, call: object, signal: AbortSignal): Promise<string | null> {
  const id = newId('permission');
  send({ type: 'permission', id, tool, ...call, remember: ['Allow everything'] });
  const { allow, text = 'Not allowed.', answers: chosen = {} } = await answerTo(id, signal);
  if (allow && chosen['remember'] !== undefined) remembered = true;
  return allow ? null : text;
}

async function ask(question: string, options: readonly string[], signal: AbortSignal): Promise<void> {
  const id = newId('question');
  send({ type: 'question', id, question, options });
  try {
    const { allow, text, answers: given = {} } = await answerTo(id, signal);
    say(allow ? `You chose: ${given[question] ?? text ?? ''}` : `You did not answer: ${text ?? ''}`, false);
  } catch {
    throw new Interrupted();
  }
}

function answerTo(id: string, signal: AbortSignal): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  answers.set(id, resolve);
  signal.addEventListener(
    'abort',
    () => {
      if (answers.delete(id)) send({ type: 'cancelled', id });
      reject(new Interrupted());
    },
    { once: true },
  );
  return promise;
}

async function runTool(command: string, asks: boolean, signal: AbortSignal): Promise<void> {
  await useTool({ name: 'Shell', kind: 'run', input: { command }, asks }, signal, async () => {
    const child = spawn('/bin/sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const stop = (): void => endGroup(child);
    signal.addEventListener('abort', stop, { once: true });
    const { code, text } = await outputOf(child);
    signal.removeEventListener('abort', stop);
    if (signal.aborted) throw new Interrupted();
    return code === 0 ? { text } : { text: `${text}\nexit code ${code}`, outcome: 'error' };
  });
}

function endGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

async function outputOf(child: ReturnType<typeof spawn>): Promise<{ code: number; text: string }> {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (part: string) => {
      if (text.length < MAX_OUTPUT_CHARACTERS) text += part.slice(0, MAX_OUTPUT_CHARACTERS - text.length);
    });
  }
  const { promise, resolve } = Promise.withResolvers<number>();
  child.once('error', () => resolve(127));
  child.once('close', (code) => resolve(code ?? 1));
  return { code: await promise, text: text.trimEnd() };
}

async function writeTool(path: string, text: string, signal: AbortSignal): Promise<void> {
  await useTool({ name: 'Write', kind: 'edit', input: { path, text }, asks: true }, signal, async () => {
    const before = await readFile(path, 'utf8').catch(() => null);
    await writeFile(path, text);
    return { text: `Wrote ${path}`, diff: { path, before, after: text } };
  });
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const timer = setTimeout(() => resolve({ text: `Waited ${milliseconds} ms` }), milliseconds);
  signal.addEventListener('abort', () => reject(new Interrupted()), { once: true });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

function onInput(input: Input): void {
  switch (input.type) {
    case 'message': {
      const isBusy = turn !== null || inbox.length > 0;
      inbox.push(input);
      if (!isBusy) void takeMessages();
      return;
    }
    case 'interrupt':
      if (turn === null) send({ type: 'idle' });
      turn?.abort.abort();
      return;
    case 'answer': {
      const resolve = answers.get(input.id);
      answers.delete(input.id);
      resolve?.(input);
    }
  }
}

const found = beginning === 'new' ? memory : await load(beginning === 'fork' ? from : conversation);
if (found === null) {
  send({ type: 'unknown', conversation: beginning === 'fork' ? from : conversation });
  process.exitCode = 1;
} else {
  memory = found;
  if (beginning === 'fork') await save();
  send({ type: 'ready', mode });
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => onInput(JSON.parse(line) as Input));
  lines.once('close', () => {
    turn?.abort.abort();
    // Everything said is on its way: the pipe is emptied before the process ends.
    process.stdout.write('', () => process.exit(0));
  });
}
