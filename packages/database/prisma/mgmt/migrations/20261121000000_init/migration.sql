-- The runner sets search_path to the owner's schema.

CREATE TABLE "tenant" (
    "tenant_id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL
);

CREATE TABLE "account" (
    "tenant_id" TEXT NOT NULL REFERENCES "tenant" ("tenant_id"),
    "user_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    PRIMARY KEY ("tenant_id", "user_id")
);

CREATE TABLE "session" (
    "tenant_id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "user_name" TEXT NOT NULL,
    "agent" TEXT NOT NULL,
    "workspace" TEXT,
    "project" TEXT,
    "agent_token_sha256" BYTEA NOT NULL CHECK (octet_length("agent_token_sha256") = 32),
    "state" TEXT NOT NULL CHECK ("state" IN ('starting', 'active', 'ended')),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "end_reason" TEXT,
    "proxy_id" TEXT,
    "ca_certificate_pem" TEXT,
    "runtime_directory" TEXT,
    "failure_code" TEXT,
    PRIMARY KEY ("tenant_id", "session_id"),
    FOREIGN KEY ("tenant_id", "user_id") REFERENCES "account" ("tenant_id", "user_id"),
    CHECK (("state" = 'ended') = ("ended_at" IS NOT NULL))
);

CREATE UNIQUE INDEX "session_agent_token" ON "session" ("agent_token_sha256");
CREATE INDEX "session_newest" ON "session" ("tenant_id", "created_at" DESC);
-- What every snapshot of a proxy and every sweep reads: a handful of rows, whatever the history.
CREATE INDEX "session_alive" ON "session" ("expires_at") WHERE "state" <> 'ended';

CREATE TABLE "approval" (
    "tenant_id" TEXT NOT NULL,
    "approval_id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "agent" TEXT NOT NULL,
    "digest" BYTEA NOT NULL CHECK (octet_length("digest") = 32),
    "operation" TEXT NOT NULL,
    "rule" TEXT NOT NULL,
    "preview" BYTEA NOT NULL,
    "state" TEXT NOT NULL CHECK ("state" IN ('pending', 'approved', 'denied', 'expired', 'cancelled', 'consumed')),
    "open" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "decided_at" TIMESTAMPTZ(3),
    "decided_by" TEXT,
    "reason" TEXT,
    "decision" BYTEA,
    "consumed_at" TIMESTAMPTZ(3),
    PRIMARY KEY ("tenant_id", "approval_id"),
    FOREIGN KEY ("tenant_id", "session_id") REFERENCES "session" ("tenant_id", "session_id"),
    -- Pending and approved are always found again; a denial until it expires; the rest never.
    CHECK (CASE WHEN "state" IN ('pending', 'approved') THEN "open" WHEN "state" = 'denied' THEN TRUE ELSE NOT "open" END),
    CHECK ("state" NOT IN ('approved', 'denied', 'consumed') OR "decision" IS NOT NULL)
);

-- A storm of identical requests is one row.
CREATE UNIQUE INDEX "approval_open" ON "approval" ("tenant_id", "session_id", "digest", "rule") WHERE "open";
CREATE INDEX "approval_expiring" ON "approval" ("expires_at") WHERE "open";
CREATE INDEX "approval_newest" ON "approval" ("tenant_id", "created_at" DESC);
CREATE INDEX "approval_session" ON "approval" ("tenant_id", "session_id", "created_at" DESC);

CREATE TABLE "bundle" (
    "tenant_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL CHECK ("kind" IN ('policy', 'connector')),
    "version" BIGINT NOT NULL CHECK ("version" > 0),
    "content_sha256" BYTEA NOT NULL,
    "key_id" TEXT NOT NULL,
    "envelope" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    PRIMARY KEY ("tenant_id", "kind", "version")
);

CREATE TABLE "audit_stream" (
    "tenant_id" TEXT NOT NULL,
    "stream_id" TEXT NOT NULL,
    "acknowledged_seq" BIGINT NOT NULL,
    "last_hash" BYTEA NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    PRIMARY KEY ("tenant_id", "stream_id")
);

CREATE TABLE "audit_line" (
    "tenant_id" TEXT NOT NULL,
    "stream_id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "line" BYTEA NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "session_id" TEXT,
    "operation" TEXT,
    PRIMARY KEY ("tenant_id", "stream_id", "seq")
);

CREATE INDEX "audit_line_newest" ON "audit_line" ("tenant_id", "at" DESC, "stream_id" DESC, "seq" DESC);
CREATE INDEX "audit_line_session" ON "audit_line" ("tenant_id", "session_id", "at" DESC, "stream_id" DESC, "seq" DESC);
