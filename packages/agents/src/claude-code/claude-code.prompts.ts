import { EVENT_LIMITS, type PermissionSuggestion, type Question } from '@aileron/contracts/agent-events';
import { boundedInput, boundedTitle } from '../content/bounded-content.js';
import type { PromptAnswer } from '../conversation/agent-adapter.js';
import type { PromptEvent } from '../conversation/protocol-driver.js';
import { AskedQuestions, type Suggestion, type ToolPermission } from './claude-code.lines.js';
import { toolKind, toolTitle } from './claude-code.tools.js';

const DENIED = 'This was not allowed.';

interface Pending {
  readonly request: ToolPermission;
  readonly questions: readonly Question[];
}

/** Permission prompts of the control protocol: `can_use_tool` and its answer. */
export class ClaudePrompts {
  private readonly pending = new Map<string, Pending>();

  constructor(private readonly projectDirectory: string) {}

  onRequest(promptId: string, request: ToolPermission, parentToolCallId: string | null): PromptEvent {
    const questions = request.tool_name === 'AskUserQuestion' ? questionsOf(request) : [];
    this.pending.set(promptId, { request, questions });
    const place = { promptId, toolCallId: request.tool_use_id ?? null, parentToolCallId };
    if (questions.length > 0) return { type: 'question', ...place, questions };
    const { input, truncated } = boundedInput(request.input);
    return {
      type: 'permission-request',
      ...place,
      tool: request.tool_name,
      kind: toolKind(request.tool_name),
      title: toolTitle(request.tool_name, request.input, this.projectDirectory),
      input,
      inputTruncated: truncated,
      suggestions: suggestionsOf(request),
    };
  }

  onCancelled(promptId: string): void {
    this.pending.delete(promptId);
  }

  encode(answer: PromptAnswer): string {
    const pending = this.pending.get(answer.promptId);
    this.pending.delete(answer.promptId);
    const allowed = answer.decision === 'allow' && pending !== undefined;
    const response = allowed ? allow(pending, answer) : { behavior: 'deny', message: answer.text ?? DENIED };
    return JSON.stringify({
      type: 'control_response',
      response: { subtype: 'success', request_id: answer.promptId, response },
    });
  }
}

/** The input goes back as it came: what is allowed is what was asked. */
function allow({ request, questions }: Pending, answer: PromptAnswer): object {
  const answers = Object.fromEntries(
    questions.map(({ question }) => [question, ownAnswer(answer, question) ?? answer.text ?? '']),
  );
  const updatedInput = questions.length > 0 ? { ...request.input, answers } : request.input;
  const chosen = (request.permission_suggestions ?? []).filter((_, i) => answer.suggestionIds?.includes(`${i}`));
  return { behavior: 'allow', updatedInput, ...(chosen.length > 0 ? { updatedPermissions: chosen } : {}) };
}

function ownAnswer({ answers = {} }: PromptAnswer, question: string): string | undefined {
  return Object.hasOwn(answers, question) ? answers[question] : undefined;
}

/** Empty when they cannot all be shown as they are: then it is a permission request like any other. */
function questionsOf({ input }: ToolPermission): Question[] {
  const parsed = AskedQuestions.safeParse(input);
  if (!parsed.success || parsed.data.questions.length > EVENT_LIMITS.questions) return [];
  const questions = parsed.data.questions.map(({ question, header, multiSelect, options }) => ({
    question,
    header: boundedTitle(header),
    several: multiSelect,
    options: options.map(({ label, description }) => ({
      label: boundedTitle(label),
      description: description.slice(0, EVENT_LIMITS.questionText),
    })),
  }));
  const fits = questions.every(
    ({ question, options }) => question.length <= EVENT_LIMITS.questionText && options.length <= EVENT_LIMITS.options,
  );
  return fits ? questions : [];
}

function suggestionsOf({ permission_suggestions: suggestions }: ToolPermission): PermissionSuggestion[] {
  const all = (suggestions ?? []).map((suggestion, i) => ({
    id: `${i}`,
    label: boundedTitle(suggestionLabel(suggestion)),
    scope: scopeOf(suggestion),
  }));
  return all.slice(0, EVENT_LIMITS.suggestions);
}

function suggestionLabel({ type, rules = [], directories = [], mode = '', behavior = 'allow' }: Suggestion): string {
  switch (type) {
    case 'addRules': {
      const named = rules.map(({ toolName, ruleContent }) =>
        ruleContent === undefined ? toolName : `${toolName}(${ruleContent})`,
      );
      return `Always ${behavior} ${named.join(', ')}`;
    }
    case 'addDirectories':
      return `Allow the folder ${directories.join(', ')}`;
    case 'setMode':
      return mode === 'acceptEdits' ? 'Allow all edits' : `Change to the mode ${mode}`;
    default:
      return type;
  }
}

function scopeOf({ destination }: Suggestion): PermissionSuggestion['scope'] {
  if (destination === 'userSettings') return 'user';
  return destination === 'session' ? 'conversation' : 'project';
}
