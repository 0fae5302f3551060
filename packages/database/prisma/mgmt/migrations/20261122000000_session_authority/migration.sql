-- Several proxies serve one session: what they share of it goes through the management plane, which cannot open it.

ALTER TABLE "session"
    -- Until when credential-service was given keys; null while it has none.
    ADD COLUMN "unlocked_until" TIMESTAMPTZ(3),
    -- When the keys were last taken back: proxies cut what runs with them.
    ADD COLUMN "locked_at" TIMESTAMPTZ(3);

-- The CA key of a session, sealed by credential-service under the session's lease. Insert only: the first one stays
-- until the session ends, and is deleted with it.
CREATE TABLE "session_authority" (
    "tenant_id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    "certificate_sha256" BYTEA NOT NULL CHECK (octet_length("certificate_sha256") = 32),
    "sealed" BYTEA NOT NULL CHECK (octet_length("sealed") BETWEEN 1 AND 16384),
    "proxy_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    PRIMARY KEY ("tenant_id", "session_id"),
    FOREIGN KEY ("tenant_id", "session_id") REFERENCES "session" ("tenant_id", "session_id")
);
