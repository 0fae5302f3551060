// The gRPC contract: one door for generated messages and services.
export * from './gen/aileron/credential/v1/decrypt_pb.js';
export * from './gen/aileron/credential/v1/lease_pb.js';
export * from './gen/aileron/mgmt/v1/approval_pb.js';
export * from './gen/aileron/mgmt/v1/audit_pb.js';
export * from './gen/aileron/mgmt/v1/data_plane_pb.js';
export * from './gen/aileron/mgmt/v1/session_pb.js';
export * from './gen/aileron/mgmt/v1/session_pb.js';
export * from './gen/aileron/mgmt/v1/vault_store_pb.js';
export * from './gen/aileron/workspace/v1/runtime_pb.js';
export * from './gen/aileron/workspace/v1/status_pb.js';
export * from './gen/aileron/workspace/v1/terminal_pb.js';
export * from './gen/aileron/workspace/v1/stream_pb.js';
