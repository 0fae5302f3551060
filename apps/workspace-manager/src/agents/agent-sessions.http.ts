import type { AgentSessionView, ListAgentSessionsResponse, SendMessageResponse } from '@aileron/contracts/workspace';
import { Controller, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { EventSources } from '../routes/event-source.js';
import { Input, Serves, type RouteInput } from '../routes/serves.js';
import { StreamSources } from '../routes/stream-sources.js';
import { placeOf } from '../streams/streams.http.js';
import { AgentLog } from './agent-log.js';
import { agentStream } from './agent-record.js';
import { AgentSessionsService } from './agent-sessions.service.js';

@Controller()
export class AgentSessionsHttp {
  constructor(
    @Inject(AgentSessionsService) private readonly agents: AgentSessionsService,
    @Inject(EventSources) private readonly events: EventSources,
    @Inject(StreamSources) sources: StreamSources,
    @Inject(AgentLog) log: AgentLog,
  ) {
    sources.add('watchAgentSession', async ({ params, query }, signal) => {
      const { agentSessionId } = await agents.get(params.agentSessionId);
      return { messages: log.attach(agentStream(agentSessionId), placeOf(query), signal) };
    });
  }

  @Serves('createAgentSession')
  create(@Input() { body }: RouteInput<'createAgentSession'>): Promise<AgentSessionView> {
    return this.agents.create(body);
  }

  @Serves('listAgentSessions')
  async list(@Input() { query }: RouteInput<'listAgentSessions'>): Promise<ListAgentSessionsResponse> {
    return { agentSessions: await this.agents.list(query.workspace) };
  }

  @Serves('getAgentSession')
  get(@Input() { params }: RouteInput<'getAgentSession'>): Promise<AgentSessionView> {
    return this.agents.view(params.agentSessionId);
  }

  @Serves('sendMessage')
  send(@Input() { params, body }: RouteInput<'sendMessage'>): Promise<SendMessageResponse> {
    return this.agents.send(params.agentSessionId, body);
  }

  @Serves('interruptAgent')
  interrupt(@Input() { params }: RouteInput<'interruptAgent'>): Promise<AgentSessionView> {
    return this.agents.interrupt(params.agentSessionId);
  }

  @Serves('answerPrompt')
  answer(@Input() { params, body }: RouteInput<'answerPrompt'>): Promise<AgentSessionView> {
    return this.agents.answer(params.agentSessionId, body);
  }

  @Serves('endAgentSession')
  end(@Input() { params }: RouteInput<'endAgentSession'>): Promise<AgentSessionView> {
    return this.agents.end(params.agentSessionId);
  }

  @Serves('watchAgentSession')
  watch(@Input() input: RouteInput<'watchAgentSession'>, @Res() reply: FastifyReply): Promise<void> {
    return this.events.serve('watchAgentSession', input, reply);
  }
}
