import { z } from 'zod';
import { type AgentEventBody, type AgentEventOf, EVENT_LIMITS, type FileDiff } from '@aileron/contracts/agent-events';
import { boundedText } from '../content/bounded-content.js';
import type { ContentBlock, UserLine } from './claude-code.lines.js';
import { insideProject } from './claude-code.tools.js';

type Outcome = AgentEventOf<'tool-result'>['outcome'];

export function toolResults(
  line: UserLine,
  context: { readonly interrupting: boolean; readonly projectDirectory: string },
): AgentEventBody[] {
  const { content } = line.message;
  if (typeof content === 'string') return [];
  return content.flatMap((block): AgentEventBody[] => {
    if (block.type !== 'tool_result' || block.tool_use_id === undefined) return [];
    const outcome = outcomeOf(line, block, context.interrupting);
    const diff = outcome === 'ok' ? fileDiff(line.tool_use_result, context.projectDirectory) : null;
    const text = boundedText(resultText(block.content), EVENT_LIMITS.resultText);
    return [{ type: 'tool-result', toolCallId: block.tool_use_id, outcome, ...text, diff }];
  });
}

function outcomeOf(line: UserLine, block: ContentBlock, interrupting: boolean): Outcome {
  if (block.is_error !== true) return 'ok';
  if (interrupting) return 'interrupted';
  const meta = line.tool_result_meta?.find(({ id }) => id === block.tool_use_id);
  return meta?.non_execution_kind === undefined ? 'error' : 'denied';
}

const Parts = z.array(z.looseObject({ type: z.string(), text: z.string().optional() }));

function resultText(content: unknown): string {
  if (typeof content === 'string') return content.replace(/^<tool_use_error>([^]*)<\/tool_use_error>$/, '$1');
  const parts = Parts.safeParse(content);
  if (!parts.success) return '';
  return parts.data.map(({ type, text }) => text ?? `[${type}]`).join('\n');
}

const Edit = z.looseObject({
  filePath: z.string(),
  type: z.string().optional(),
  content: z.string().optional(),
  structuredPatch: z.array(
    z.looseObject({
      oldStart: z.int().min(0),
      oldLines: z.int().min(0),
      newStart: z.int().min(0),
      newLines: z.int().min(0),
      lines: z.array(z.string()),
    }),
  ),
});

/** Of Edit and Write: what they did to the file, as the agent tells it. */
function fileDiff(result: unknown, projectDirectory: string): FileDiff | null {
  const parsed = Edit.safeParse(result);
  if (!parsed.success) return null;
  const { filePath, type, content = '', structuredPatch } = parsed.data;
  const isNew = type === 'create';
  const path = insideProject(filePath, projectDirectory).slice(0, EVENT_LIMITS.path);
  const hunks = boundedHunks(isNew ? [newFile(content)] : structuredPatch);
  return { path, change: isNew ? 'create' : 'update', ...hunks };
}

type Hunk = FileDiff['hunks'][number];

function newFile(content: string): Hunk {
  const lines = content === '' ? [] : content.replace(/\n$/, '').split('\n');
  return { oldStart: 0, oldLines: 0, newStart: 1, newLines: lines.length, lines: lines.map((line) => `+${line}`) };
}

/** Whole lines, as many as fit. */
function boundedHunks(hunks: readonly Hunk[]): { hunks: Hunk[]; truncated: boolean } {
  let left: number = EVENT_LIMITS.diffText;
  let truncated = hunks.length > EVENT_LIMITS.diffHunks;
  const kept: Hunk[] = [];
  for (const { oldStart, oldLines, newStart, newLines, lines } of hunks.slice(0, EVENT_LIMITS.diffHunks)) {
    const fitting = lines.filter((line) => (left -= line.length + 3) >= 0);
    if (fitting.length < lines.length) truncated = true;
    if (fitting.length > 0 || lines.length === 0) kept.push({ oldStart, oldLines, newStart, newLines, lines: fitting });
  }
  return { hunks: kept, truncated };
}
