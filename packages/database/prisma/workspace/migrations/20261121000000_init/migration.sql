-- The runner sets search_path to the owner's schema.

CREATE TABLE "workspace" (
    "tenant_id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "name" TEXT NOT NULL CHECK (length("name") BETWEEN 1 AND 63),
    "provisioner" TEXT NOT NULL CHECK ("provisioner" IN ('local', 'docker', 'kubernetes')),
    "template" TEXT,
    "image" TEXT,
    "state" JSONB NOT NULL,
    "phase" TEXT NOT NULL CHECK ("phase" IN ('creating', 'running', 'stopped', 'restarting', 'deleting', 'failed')),
    "container_launch" INTEGER NOT NULL,
    "due_at" TIMESTAMPTZ(3),
    "removed_at" TIMESTAMPTZ(3),
    "firewall" JSONB NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    PRIMARY KEY ("tenant_id", "workspace_id")
);

-- A name is free again once its workspace is removed.
CREATE UNIQUE INDEX "workspace_name" ON "workspace" ("tenant_id", "name") WHERE "removed_at" IS NULL;
CREATE INDEX "workspace_newest" ON "workspace" ("tenant_id", "created_at" DESC, "workspace_id" DESC);
CREATE INDEX "workspace_due" ON "workspace" ("tenant_id", "due_at") WHERE "due_at" IS NOT NULL;

CREATE TABLE "execution_session" (
    "tenant_id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "launch" INTEGER NOT NULL,
    "locked" BOOLEAN NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    PRIMARY KEY ("tenant_id", "session_id")
);
CREATE INDEX "execution_session_workspace" ON "execution_session" ("tenant_id", "workspace_id");

CREATE TABLE "agent_session" (
    "tenant_id" TEXT NOT NULL,
    "agent_session_id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "agent" TEXT NOT NULL,
    "mode" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "reason" TEXT,
    "queued" INTEGER NOT NULL DEFAULT 0,
    "input_tokens" BIGINT NOT NULL DEFAULT 0,
    "output_tokens" BIGINT NOT NULL DEFAULT 0,
    "cost_usd" DOUBLE PRECISION,
    "conversation_id" TEXT,
    "ended" BOOLEAN NOT NULL DEFAULT FALSE,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    PRIMARY KEY ("tenant_id", "agent_session_id"),
    FOREIGN KEY ("tenant_id", "workspace_id") REFERENCES "workspace" ("tenant_id", "workspace_id") ON DELETE CASCADE
);
CREATE INDEX "agent_session_workspace" ON "agent_session" ("tenant_id", "workspace_id", "created_at");

CREATE TABLE "agent_message" (
    "tenant_id" TEXT NOT NULL,
    "agent_session_id" TEXT NOT NULL,
    "message_id" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "state" TEXT NOT NULL CHECK ("state" IN ('accepted', 'queued', 'sent')),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    PRIMARY KEY ("tenant_id", "agent_session_id", "message_id"),
    FOREIGN KEY ("tenant_id", "agent_session_id") REFERENCES "agent_session" ("tenant_id", "agent_session_id") ON DELETE CASCADE
);

-- Numbered streams: see packages/event-log. Entries from base_seq + 1 to last_seq are kept.
CREATE TABLE "event_stream" (
    "tenant_id" TEXT NOT NULL,
    "stream" TEXT NOT NULL CHECK (length("stream") BETWEEN 1 AND 200),
    "epoch" TEXT NOT NULL,
    "base_seq" BIGINT NOT NULL,
    "last_seq" BIGINT NOT NULL,
    "snapshot" BYTEA,
    "source_epoch" TEXT,
    "source_seq" BIGINT,
    PRIMARY KEY ("tenant_id", "stream"),
    CHECK ("base_seq" BETWEEN 0 AND "last_seq"),
    CHECK (("source_epoch" IS NULL) = ("source_seq" IS NULL))
);

CREATE TABLE "event_entry" (
    "tenant_id" TEXT NOT NULL,
    "stream" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "entry" BYTEA NOT NULL,
    PRIMARY KEY ("tenant_id", "stream", "seq"),
    FOREIGN KEY ("tenant_id", "stream") REFERENCES "event_stream" ("tenant_id", "stream") ON DELETE CASCADE
);

-- What follows is sql/outbox.sql of packages/queue.
CREATE SEQUENCE "outbox_seq";

CREATE TABLE "outbox" (
  -- Set by the trigger below: within an order key, in the order of the commits.
  "id" BIGINT PRIMARY KEY,
  "order_key" TEXT NOT NULL CHECK (length("order_key") BETWEEN 1 AND 128),
  "job_name" TEXT NOT NULL,
  "job_id" TEXT NOT NULL,
  "payload" JSONB NOT NULL,
  "options" JSONB NOT NULL,
  "created_at" TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
  -- Set aside: the queue will never take it. `refusal` is the code of the error.
  "refused_at" TIMESTAMPTZ,
  "refusal" TEXT
);
ALTER SEQUENCE "outbox_seq" OWNED BY "outbox"."id";

CREATE INDEX "outbox_pending" ON "outbox" ("id") WHERE "refused_at" IS NULL;

-- A number is drawn under a lock on the key that lasts until the commit. Without it the transaction that drew the
-- lower number could commit last, and its job be relayed last.
CREATE FUNCTION "outbox_number"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('aileron.outbox.' || TG_TABLE_SCHEMA), hashtext(NEW."order_key"));
  NEW."id" := nextval('outbox_seq');
  RETURN NEW;
END;
$$;
CREATE TRIGGER "outbox_number" BEFORE INSERT ON "outbox" FOR EACH ROW EXECUTE FUNCTION "outbox_number"();

-- Delivered at the commit, once a transaction.
CREATE FUNCTION "outbox_notify"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM pg_notify('aileron_outbox', TG_TABLE_SCHEMA);
  RETURN NULL;
END;
$$;
CREATE TRIGGER "outbox_notify" AFTER INSERT ON "outbox" FOR EACH STATEMENT EXECUTE FUNCTION "outbox_notify"();
