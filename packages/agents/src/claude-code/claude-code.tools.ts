import type { ToolKind } from '@aileron/contracts/agent-events';
import { boundedTitle } from '../content/bounded-content.js';

/** Of each tool: what it is, and the fields of its input that say what it does, the best first. */
const TOOLS: Readonly<Record<string, readonly [kind: ToolKind, ...titles: string[]]>> = {
  Bash: ['run', 'command'],
  BashOutput: ['run', 'bash_id'],
  Monitor: ['run', 'description', 'command'],
  Read: ['read', 'file_path'],
  Edit: ['edit', 'file_path'],
  Write: ['edit', 'file_path'],
  NotebookEdit: ['edit', 'notebook_path'],
  Glob: ['search', 'pattern'],
  Grep: ['search', 'pattern'],
  ToolSearch: ['search', 'query'],
  WebFetch: ['fetch', 'url'],
  WebSearch: ['fetch', 'query'],
  Task: ['delegate', 'description'],
  Agent: ['delegate', 'description'],
  Workflow: ['delegate', 'name'],
  TodoWrite: ['plan'],
  TaskCreate: ['plan', 'subject'],
  TaskUpdate: ['plan', 'taskId'],
  TaskList: ['plan'],
  TaskGet: ['plan', 'taskId'],
  EnterPlanMode: ['plan'],
  ExitPlanMode: ['plan', 'plan'],
  AskUserQuestion: ['question'],
  Skill: ['other', 'skill', 'command'],
};

export function toolKind(name: string): ToolKind {
  return (Object.hasOwn(TOOLS, name) ? TOOLS[name]?.[0] : undefined) ?? 'other';
}

/** One line that says what a call does. */
export function toolTitle(name: string, input: Readonly<Record<string, unknown>>, projectDirectory: string): string {
  const [, ...fields] = (Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined) ?? ['other'];
  const values = fields.map((field) => (Object.hasOwn(input, field) ? input[field] : undefined));
  const text = values.find((value): value is string => typeof value === 'string' && value.trim() !== '');
  return boundedTitle(text === undefined ? mcpTitle(name) : insideProject(text, projectDirectory));
}

/** `mcp__server__tool` is a tool of an MCP server. */
function mcpTitle(name: string): string {
  const [prefix, server, ...tool] = name.split('__');
  return prefix === 'mcp' && server !== undefined && tool.length > 0 ? `${server}: ${tool.join('__')}` : name;
}

/** A path below the project, relative to it. */
export function insideProject(path: string, projectDirectory: string): string {
  return path.startsWith(`${projectDirectory}/`) ? path.slice(projectDirectory.length + 1) : path;
}
