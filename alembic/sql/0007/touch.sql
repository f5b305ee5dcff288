-- As in 0001/history.sql, and what Google received makes no new version.
create or replace function touch() returns trigger language plpgsql
set search_path = pg_catalog
as $$
declare
    was jsonb;
    becomes jsonb;
begin
    if tg_nargs = 0 then
        new.updated_at := case when new is distinct from old then now() else old.updated_at end;
        return new;
    end if;
    new.updated_at := old.updated_at;
    new.version := old.version;
    was := to_jsonb(old) - tg_argv[1]::text[];
    becomes := to_jsonb(new) - tg_argv[1]::text[];
    if becomes is distinct from was then
        new.updated_at := now();
        -- That Google has it now is no edit: who opened the session before may save.
        if tg_table_name = 'sessions' and was ->> 'status' = 'scheduled_in_crm'
            and becomes ->> 'status' = 'synced_to_gcal'
        then
            was := was || jsonb_build_object('status', becomes -> 'status');
        end if;
        if becomes - tg_argv[0]::text[] is distinct from was - tg_argv[0]::text[] then
            new.version := old.version + 1;
        end if;
    end if;
    return new;
end
$$;
