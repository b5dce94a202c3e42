-- Who may do what in the database. Run as a superuser in the database `mangping`, before the first migration and again
-- after every migration (it changes nothing that is already so):
--   OWNER_DATABASE_PASSWORD=... API_DATABASE_PASSWORD=... FEES_DATABASE_PASSWORD=... \
--   psql -v ON_ERROR_STOP=1 -d mangping -f deploy/roles.sql
-- The redaction worker has no role: it never talks to the database.
\getenv owner_password OWNER_DATABASE_PASSWORD
\getenv api_password API_DATABASE_PASSWORD
\getenv fees_password FEES_DATABASE_PASSWORD

select format('create role %I login', name) from unnest(array['mangping_owner', 'mangping_api', 'mangping_fees']) as name
 where not exists (select from pg_roles where rolname = name) \gexec
alter role mangping_owner with login nosuperuser nocreatedb nocreaterole noreplication password :'owner_password';
alter role mangping_api with login nosuperuser nocreatedb nocreaterole noreplication password :'api_password'
  connection limit 60;
alter role mangping_fees with login nosuperuser nocreatedb nocreaterole noreplication password :'fees_password'
  connection limit 60;
-- A query that runs away, or a transaction that was left open, must not hold up the others.
alter role mangping_api set statement_timeout = '30s';
alter role mangping_api set idle_in_transaction_session_timeout = '30s';
alter role mangping_fees set statement_timeout = '30s';
alter role mangping_fees set idle_in_transaction_session_timeout = '30s';

revoke all on database :"DBNAME" from public;
revoke all on schema public from public;
grant connect on database :"DBNAME" to mangping_owner, mangping_api, mangping_fees;
grant create on database :"DBNAME" to mangping_owner;

-- The owner's migrations make the tables; what the api may do with them follows by itself.
create schema if not exists review authorization mangping_owner;
grant usage on schema review to mangping_api;
grant select, insert, update, delete on all tables in schema review to mangping_api;
grant usage on all sequences in schema review to mangping_api;
alter default privileges for role mangping_owner in schema review
  grant select, insert, update, delete on tables to mangping_api;
alter default privileges for role mangping_owner in schema review grant usage on sequences to mangping_api;

-- The audit chain, and what was handed in, judged, signed and returned, grows and never changes; and the api does not
-- move its own schema.
select format('revoke update, delete on review.%I from mangping_api', name)
  from unnest(array['audit', 'alembic_version', 'submissions', 'verdicts', 'sign_offs', 'returns']) as name where to_regclass('review.' || name) is not null \gexec
select 'revoke insert on review.alembic_version from mangping_api' where to_regclass('review.alembic_version') is not null \gexec

-- The fees service has a schema and a role of its own: neither service reads the other's tables.
create schema if not exists fees authorization mangping_owner;
grant usage on schema fees to mangping_fees;
grant select, insert, update, delete on all tables in schema fees to mangping_fees;
grant usage on all sequences in schema fees to mangping_fees;
alter default privileges for role mangping_owner in schema fees
  grant select, insert, update, delete on tables to mangping_fees;
alter default privileges for role mangping_owner in schema fees grant usage on sequences to mangping_fees;
select format('revoke update, delete on fees.%I from mangping_fees', name)
  from unnest(array['audit', 'alembic_version']) as name where to_regclass('fees.' || name) is not null \gexec
select 'revoke insert on fees.alembic_version from mangping_fees' where to_regclass('fees.alembic_version') is not null \gexec
