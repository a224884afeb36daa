-- Splits the rights on the record between four roles, after `manage.py migrate` and after each
-- upgrade. Run it as the owner of the tables:
--
--   psql -v ON_ERROR_STOP=1 -v application=signet_app -v sealer=signet_sealer \
--     -v redaction=signet_redaction -f roles.sql
--
-- The owner migrates and does nothing else. The web and the workers connect as the application,
-- `manage.py seal` as the sealer. Neither owns a table, so neither can drop a trigger; the triggers
-- refuse updates, deletes and truncation to everybody. `manage.py redact` connects as the redaction
-- role, every hour say: it may do what the application may, and erase texts that two people decided on.

\set ON_ERROR_STOP on
BEGIN;

-- What is not the record: the application works with all of it, and the sealer with none.
GRANT USAGE ON SCHEMA public TO :"application", :"sealer";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"application";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :"application";

-- The record: the application writes events and their texts, and reads the rest.
REVOKE ALL ON audit_event, audit_text, audit_pending, audit_aside, audit_leaf, audit_tile,
  audit_log, audit_checkpoint, audit_anchor FROM :"application", :"sealer";
GRANT SELECT, INSERT ON audit_event, audit_text TO :"application";
GRANT SELECT ON audit_pending, audit_aside, audit_leaf, audit_tile, audit_log, audit_checkpoint,
  audit_anchor TO :"application";

-- The sealer reads events, writes those of the log itself, and makes leaves of what is queued.
GRANT SELECT, INSERT ON audit_event, audit_text TO :"sealer";
GRANT USAGE ON SEQUENCE audit_event_id_seq TO :"sealer";
GRANT SELECT, INSERT, DELETE ON audit_pending TO :"sealer";
GRANT SELECT, INSERT ON audit_aside, audit_leaf, audit_tile, audit_checkpoint, audit_anchor
  TO :"sealer";
GRANT SELECT, INSERT, UPDATE ON audit_log TO :"sealer";

-- Redaction: the application, and what erases a text once it is on record that it goes.
REVOKE ALL ON audit_erased FROM :"application", :"sealer";
GRANT SELECT ON audit_erased TO :"application";
GRANT :"application" TO :"redaction";
GRANT USAGE ON SCHEMA public TO :"redaction";
GRANT INSERT ON audit_erased TO :"redaction";
GRANT DELETE ON audit_text TO :"redaction";

COMMIT;
