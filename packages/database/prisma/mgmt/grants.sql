-- What the role of the management plane may do, run after the migrations each time. Revoked first, so that a right
-- taken from this file is taken from the database.
REVOKE ALL ON ALL TABLES IN SCHEMA mgmt FROM aileron_mgmt;
REVOKE ALL ON SCHEMA mgmt FROM aileron_mgmt;
GRANT USAGE ON SCHEMA mgmt TO aileron_mgmt;
GRANT SELECT, INSERT, UPDATE ON mgmt.tenant, mgmt.account, mgmt.session, mgmt.approval, mgmt.audit_stream TO aileron_mgmt;
-- History: what was published or recorded is never changed.
GRANT SELECT, INSERT ON mgmt.bundle, mgmt.audit_line TO aileron_mgmt;
-- The first one stays until its session ends.
GRANT SELECT, INSERT, DELETE ON mgmt.session_authority TO aileron_mgmt;
