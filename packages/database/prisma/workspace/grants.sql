-- What the role of workspace-manager may do, run after the migrations each time. Revoked first, so that a right taken
-- from this file is taken from the database.
REVOKE ALL ON ALL TABLES IN SCHEMA workspace FROM aileron_workspace;
REVOKE ALL ON SCHEMA workspace FROM aileron_workspace;
GRANT USAGE ON SCHEMA workspace TO aileron_workspace;
GRANT SELECT, INSERT, UPDATE, DELETE ON workspace.workspace, workspace.execution_session, workspace.agent_session,
  workspace.agent_message, workspace.event_stream, workspace.outbox TO aileron_workspace;
-- What was said is not changed; it goes when it is folded, or with its stream.
GRANT SELECT, INSERT, DELETE ON workspace.event_entry TO aileron_workspace;
GRANT USAGE ON SEQUENCE workspace.outbox_seq TO aileron_workspace;
