import {
  ApprovalView,
  DeliverLeaseResponse,
  ListActionsResponse,
  ListApprovalsResponse,
  ListAuditStreamsResponse,
  ListSessionsResponse,
  ListVaultsResponse,
  QueryAuditResponse,
  ServiceKeyResponse,
  ServiceStatus,
  SessionView,
  StartSessionResponse,
  UserFile,
  VaultFiles,
  type PutUserRequest,
  type PutVaultRequest,
  type StartSessionRequest,
} from '@aileron/contracts/rest';
import { requestJson, requestText } from '@aileron/egress';
import { z } from 'zod';
import type { ServiceFile } from '../home/service-file.js';

const PageLink = z.strictObject({ link: z.url() });
const DEADLINE_MS = 15_000;
const LONG_POLL_MS = 25_000;

type StartSessionInput = z.input<typeof StartSessionRequest>;
type Query = Readonly<Record<string, string | number | undefined>>;

/** The management plane's REST API, as a person's own tools call it: with the local token. */
export class LocalApi {
  constructor(private readonly service: Pick<ServiceFile, 'url' | 'token'>) {}

  status = () => this.get('/v1/status', ServiceStatus);

  startSession = (body: StartSessionInput) => this.send('POST', '/v1/sessions', body, StartSessionResponse);
  listSessions = (query: Query = {}) => this.get('/v1/sessions', ListSessionsResponse, query);
  getSession = (id: string) => this.get(`/v1/sessions/${encodeURIComponent(id)}`, SessionView);
  endSession = (id: string) => this.send('DELETE', `/v1/sessions/${encodeURIComponent(id)}`, undefined, SessionView);
  deliverLease = (id: string, sealedLeaseBase64: string) =>
    this.send('POST', `/v1/sessions/${encodeURIComponent(id)}/lease`, { sealedLeaseBase64 }, DeliverLeaseResponse);
  revokeLease = (id: string) =>
    requestText({
      url: this.url(`/v1/sessions/${encodeURIComponent(id)}/lease`),
      method: 'DELETE',
      headers: this.headers(),
      deadlineMs: DEADLINE_MS,
      maxBytes: 65_536,
    });
  serviceKey = async () => (await this.get('/v1/credential-service/key', ServiceKeyResponse)).envelope;

  listApprovals = (query: Query = {}) => this.get('/v1/approvals', ListApprovalsResponse, query);
  getApproval = (id: string) => this.get(`/v1/approvals/${encodeURIComponent(id)}`, ApprovalView);
  decideApproval = (id: string, envelope: unknown) =>
    this.send('POST', `/v1/approvals/${encodeURIComponent(id)}/decision`, { envelope }, ApprovalView);

  queryAudit = (query: Query = {}) => this.get('/v1/audit', QueryAuditResponse, query);
  auditStreams = () => this.get('/v1/audit/streams', ListAuditStreamsResponse);
  exportAudit = (streamId: string) =>
    requestText({
      url: this.url('/v1/audit/export', { streamId }),
      method: 'GET',
      headers: this.headers(),
      deadlineMs: 120_000,
      maxBytes: 1 << 30,
    });

  /** Of the page's gateway. */
  createLink = () => this.send('POST', '/api/links', undefined, PageLink);

  listActions = () => this.get('/v1/actions', ListActionsResponse);

  listVaults = () => this.get('/v1/vaults', ListVaultsResponse);
  getVault = (id: string) => this.get(`/v1/vaults/${encodeURIComponent(id)}`, VaultFiles);
  putVault = (id: string, body: PutVaultRequest) =>
    this.send('PUT', `/v1/vaults/${encodeURIComponent(id)}`, body, VaultFiles);
  getUser = (id: string) => this.get(`/v1/users/${encodeURIComponent(id)}`, UserFile);
  putUser = (id: string, body: PutUserRequest) =>
    this.send('PUT', `/v1/users/${encodeURIComponent(id)}`, body, UserFile);

  private get<T>(path: string, schema: z.ZodType<T>, query: Query = {}): Promise<T> {
    return requestJson({
      url: this.url(path, query),
      method: 'GET',
      headers: this.headers(),
      deadlineMs: DEADLINE_MS + LONG_POLL_MS,
      maxBytes: 64 << 20,
      schema,
    });
  }

  private send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    return requestJson({
      url: this.url(path),
      method,
      headers: this.headers(),
      body,
      deadlineMs: DEADLINE_MS,
      maxBytes: 64 << 20,
      schema,
    });
  }

  private url(path: string, query: Query = {}): string {
    const url = new URL(path, this.service.url);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    return url.href;
  }

  private headers(): Record<string, string> {
    return { authorization: `Bearer ${this.service.token}` };
  }
}
