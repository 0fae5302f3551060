-- Sessions that the workspace manager started: what they may reach, and the request that wanted them.

ALTER TABLE "session"
    -- JSON as the management plane wrote it, compared as it is; null: not bounded by a firewall.
    ADD COLUMN "firewall" TEXT CHECK (length("firewall") <= 300000),
    -- Made by the caller once for each session it wants; null for a session that a person started.
    ADD COLUMN "request_id" TEXT CHECK (length("request_id") BETWEEN 8 AND 128);

CREATE UNIQUE INDEX "session_request" ON "session" ("tenant_id", "request_id") WHERE "request_id" IS NOT NULL;
CREATE INDEX "session_workspace" ON "session" ("tenant_id", "workspace", "created_at" DESC) WHERE "workspace" IS NOT NULL;
