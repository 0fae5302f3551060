import { AgentEvent } from '../agent-events/agent-event.js';
import { ConversationSnapshot } from '../agent-events/conversation-snapshot.js';
import {
  AgentSessionView,
  AnswerPromptRequest,
  CreateAgentSessionRequest,
  ListAgentSessionsQuery,
  ListAgentSessionsResponse,
  SendMessageRequest,
  SendMessageResponse,
} from './agent-sessions.js';
import { INSIDE_ROUTES } from './inside-routes.js';
import { LIFECYCLE_ROUTES } from './lifecycle-routes.js';
import { ListProvisionersResponse, ListTemplatesResponse } from './platform.js';
import type { Route } from './route.js';
import { INSIDE_ERRORS, ofAgentSession } from './route-params.js';
import { AttachQuery } from './streams.js';
import { WorkspaceHealth } from './workspaces.js';

/** Every operation of the workspace-manager by its id. It registers from this; the OpenAPI document and the client are made from it. */
export const WORKSPACE_ROUTES = {
  ...LIFECYCLE_ROUTES,
  ...INSIDE_ROUTES,

  createAgentSession: {
    method: 'POST',
    path: '/api/v1/agent-sessions',
    tag: 'agent sessions',
    summary: 'Start an agent in a workspace.',
    body: CreateAgentSessionRequest,
    status: 201,
    response: AgentSessionView,
    errors: [...INSIDE_ERRORS, 'AGENT_UNAVAILABLE'],
  },
  listAgentSessions: {
    method: 'GET',
    path: '/api/v1/agent-sessions',
    tag: 'agent sessions',
    summary: 'List agents, the newest first.',
    query: ListAgentSessionsQuery,
    status: 200,
    response: ListAgentSessionsResponse,
    errors: ['NOT_FOUND'],
  },
  getAgentSession: {
    method: 'GET',
    path: '/api/v1/agent-sessions/{agentSessionId}',
    tag: 'agent sessions',
    summary: 'Read what an agent does.',
    params: ofAgentSession,
    status: 200,
    response: AgentSessionView,
    errors: ['NOT_FOUND'],
  },
  sendMessage: {
    method: 'POST',
    path: '/api/v1/agent-sessions/{agentSessionId}/messages',
    tag: 'agent sessions',
    summary: 'Send a message: at once when the agent is idle, else in its turn.',
    params: ofAgentSession,
    body: SendMessageRequest,
    status: 202,
    response: SendMessageResponse,
    errors: INSIDE_ERRORS,
  },
  interruptAgent: {
    method: 'POST',
    path: '/api/v1/agent-sessions/{agentSessionId}/interrupt',
    tag: 'agent sessions',
    summary: 'Interrupt what the agent does.',
    params: ofAgentSession,
    status: 202,
    response: AgentSessionView,
    errors: INSIDE_ERRORS,
  },
  answerPrompt: {
    method: 'POST',
    path: '/api/v1/agent-sessions/{agentSessionId}/answers',
    tag: 'agent sessions',
    summary: 'Answer a permission prompt or a question of the agent.',
    params: ofAgentSession,
    body: AnswerPromptRequest,
    status: 202,
    response: AgentSessionView,
    errors: INSIDE_ERRORS,
  },
  endAgentSession: {
    method: 'POST',
    path: '/api/v1/agent-sessions/{agentSessionId}/end',
    tag: 'agent sessions',
    summary: 'End an agent. What it said stays to be read.',
    params: ofAgentSession,
    status: 202,
    response: AgentSessionView,
    errors: ['NOT_FOUND'],
  },
  watchAgentSession: {
    method: 'GET',
    path: '/api/v1/agent-sessions/{agentSessionId}/events',
    tag: 'agent sessions',
    summary: 'Follow the conversation with an agent.',
    params: ofAgentSession,
    query: AttachQuery,
    status: 200,
    stream: { kind: 'numbered', event: AgentEvent, snapshot: ConversationSnapshot },
    errors: ['NOT_FOUND'],
  },

  listTemplates: {
    method: 'GET',
    path: '/api/v1/templates',
    tag: 'platform',
    summary: 'List what workspaces can be made from.',
    status: 200,
    response: ListTemplatesResponse,
    errors: [],
  },
  listProvisioners: {
    method: 'GET',
    path: '/api/v1/provisioners',
    tag: 'platform',
    summary: 'List provisioners, and what keeps one from being used.',
    status: 200,
    response: ListProvisionersResponse,
    errors: [],
  },
  getHealth: {
    method: 'GET',
    path: '/health',
    tag: 'platform',
    summary: 'Whether the service, its database and its queue work.',
    status: 200,
    response: WorkspaceHealth,
    errors: [],
  },
} as const satisfies Readonly<Record<string, Route>>;

export type WorkspaceRoutes = typeof WORKSPACE_ROUTES;
export type WorkspaceRouteId = keyof WorkspaceRoutes;
