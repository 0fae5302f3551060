/**
 * The fake agent. Standalone: only Node's own modules, so that one file is the whole program. Node's fetch goes through
 * HTTPS_PROXY because the sandbox sets NODE_USE_ENV_PROXY, as for any other tool.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

const API_URL = 'https://api.anthropic.com/v1/messages';
const MODEL = 'claude-sonnet-4-5';
const MAX_TURNS = 40;
const MAX_TOKENS = 4_096;
const MAX_OUTPUT_CHARACTERS = 30_000;
const MAX_EVENT_CHARACTERS = 1_000_000;
const REQUEST_TIMEOUT_MS = 300_000;
const COMMAND_TIMEOUT_MS = 900_000;

type TextBlock = { type: 'text'; text: string };
type ToolUseBlock = { type: 'tool_use'; id: string; name: string; input: { command?: unknown } };
type ToolResultBlock = { type: 'tool_result'; tool_use_id: string; content: string; is_error: boolean };
type Block = TextBlock | ToolUseBlock;
type Message = { role: 'user'; content: string | ToolResultBlock[] } | { role: 'assistant'; content: Block[] };
type Turn = { content: Block[]; stopReason: string | null };

const BASH_TOOL = {
  name: 'Bash',
  description: 'Runs a command in a shell and returns what it printed.',
  input_schema: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(prompt: string): Promise<number> {
  const config = JSON.parse(await readFile(join(homedir(), '.fake-agent.json'), 'utf8')) as Config;
  const messages: Message[] = [{ role: 'user', content: prompt }];
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const answer = await askModel(config, messages);
    messages.push({ role: 'assistant', content: answer.content });
    for (const block of answer.content) if (block.type === 'text') say(`assistant: ${block.text}`);
    if (answer.stopReason !== 'tool_use') return answer.stopReason === 'end_turn' ? 0 : 1;
    const results: ToolResultBlock[] = [];
    for (const block of answer.content) if (block.type === 'tool_use') results.push(await useTool(block));
    messages.push({ role: 'user', content: results });
  }
  say(`fake agent: gave up after ${MAX_TURNS} turns`);
  return 1;
}

interface Config {
  readonly apiKey: string;
  readonly systemPrompt: string;
}

async function askModel(config: Config, messages: readonly Message[]): Promise<Turn> {
  const response = await fetch(API_URL, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': config.apiKey, 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({
      model: MODEL,
      max_tokens: MAX_TOKENS,
      stream: true,
      system: config.systemPrompt,
      tools: [BASH_TOOL],
      messages,
    }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    redirect: 'error',
  });
  if (response.status !== 200 || response.body === null) {
    throw new Error(`the model answered ${response.status}: ${(await response.text()).slice(0, 2_000)}`);
  }
  return readTurn(response.body);
}

/** https://docs.anthropic.com/en/api/messages-streaming */
async function readTurn(body: ReadableStream<Uint8Array>): Promise<Turn> {
  const blocks: { block: Block; json: string }[] = [];
  let stopReason: string | null = null;
  let finished = false;
  for await (const event of readEvents(body)) {
    switch (event.type) {
      case 'content_block_start':
        blocks[event.index] = { block: event.content_block, json: '' };
        break;
      case 'content_block_delta':
        applyDelta(blocks[event.index], event.delta);
        break;
      case 'message_delta':
        stopReason = event.delta.stop_reason ?? stopReason;
        break;
      case 'message_stop':
        finished = true;
        break;
      case 'error':
        throw new Error(`the model failed: ${JSON.stringify(event.error).slice(0, 500)}`);
      default:
    }
  }
  if (!finished) throw new Error('the stream of the model was cut');
  return { content: blocks.map(finishBlock), stopReason };
}

type Delta =
  { type: 'text_delta'; text: string } | { type: 'input_json_delta'; partial_json: string } | { type: 'other' };
type StreamEvent =
  | { type: 'content_block_start'; index: number; content_block: Block }
  | { type: 'content_block_delta'; index: number; delta: Delta }
  | { type: 'message_delta'; delta: { stop_reason?: string } }
  | { type: 'message_stop' }
  | { type: 'error'; error: unknown }
  | { type: 'ping' };

function applyDelta(entry: { block: Block; json: string } | undefined, delta: Delta): void {
  if (entry === undefined) return;
  if (delta.type === 'text_delta' && entry.block.type === 'text') entry.block.text += delta.text;
  if (delta.type === 'input_json_delta') entry.json += delta.partial_json;
}

function finishBlock(entry: { block: Block; json: string }): Block {
  if (entry.block.type === 'tool_use' && entry.json !== '') {
    return { ...entry.block, input: JSON.parse(entry.json) as ToolUseBlock['input'] };
  }
  return entry.block;
}

/** Server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html, `data` lines alone. */
async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + text).split(/\r?\n\r?\n/);
    rest = events.pop() ?? '';
    if (rest.length > MAX_EVENT_CHARACTERS) throw new Error('an event of the model is too large');
    for (const event of events) {
      const data = event
        .split(/\r?\n/)
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).trimStart());
      if (data.length > 0) yield JSON.parse(data.join('\n')) as StreamEvent;
    }
  }
}

async function useTool(block: ToolUseBlock): Promise<ToolResultBlock> {
  const result = (content: string, isError: boolean): ToolResultBlock => ({
    type: 'tool_result',
    tool_use_id: block.id,
    content,
    is_error: isError,
  });
  if (block.name !== BASH_TOOL.name || typeof block.input.command !== 'string') {
    return result(`there is no tool ${block.name} with this input`, true);
  }
  say(`$ ${block.input.command}`);
  const { code, output } = await runCommand(block.input.command);
  say(output.trimEnd());
  return result(code === 0 ? output : `${output}\nexit code ${code}`, code !== 0);
}

async function runCommand(command: string): Promise<{ code: number; output: string }> {
  const child = spawn('/bin/sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'], timeout: COMMAND_TIMEOUT_MS });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      if (output.length < MAX_OUTPUT_CHARACTERS) output += text.slice(0, MAX_OUTPUT_CHARACTERS - output.length);
    });
  }
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', reject);
  child.once('close', (code) => resolve(code ?? 1));
  return { code: await promise, output };
}

const prompt = process.argv[2];
if (prompt === undefined) {
  process.stderr.write('usage: fake-agent <prompt>\n');
  process.exitCode = 64;
} else {
  try {
    process.exitCode = await main(prompt);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    process.stderr.write(`fake agent: ${error instanceof Error ? error.message : String(error)}${cause}\n`);
    process.exitCode = 1;
  }
}
