-- Jobs that repeat: a row a schedule, whose ticks go through the outbox of the same schema.
-- For a migration of the service, after outbox.sql. Its role needs GRANT SELECT, INSERT, UPDATE, DELETE ON job_schedule.
CREATE TABLE "job_schedule" (
  "id" TEXT PRIMARY KEY CHECK (length("id") BETWEEN 1 AND 100),
  "job_name" TEXT NOT NULL,
  "payload" JSONB NOT NULL,
  "options" JSONB NOT NULL,
  "cron" TEXT NOT NULL,
  "time_zone" TEXT NOT NULL,
  -- Null: it never comes due, or it is broken (`refusal`).
  "next_at" TIMESTAMPTZ,
  "last_at" TIMESTAMPTZ,
  "refusal" TEXT
);

CREATE INDEX "job_schedule_due" ON "job_schedule" ("next_at") WHERE "next_at" IS NOT NULL;
