-- The outbox of a service: rows are written in its own transactions, and @aileron/queue relays them to the job queue.
-- For a migration of the service, with its schema as the search path. Its role needs
--   GRANT SELECT, INSERT, UPDATE, DELETE ON outbox; GRANT USAGE ON SEQUENCE outbox_seq;
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
