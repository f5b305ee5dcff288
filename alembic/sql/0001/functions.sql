-- What the tables' own definitions call: before the tables.

-- UUIDv7 for rows that triggers make (PostgreSQL 18 has its own; 15 to 17 do not).
create function time_uuid() returns uuid language sql volatile parallel safe
set search_path = pg_catalog
as $$
    select encode(
        set_bit(set_bit(
            overlay(
                uuid_send(gen_random_uuid())
                placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
                from 1 for 6
            ),
            52, 1), 53, 1),
        'hex')::uuid
$$;

-- The time that a session takes up. Only minutes are added, so the result depends on no setting: immutable.
create function session_span(scheduled_at timestamptz, duration_minutes integer) returns tstzrange
language sql immutable parallel safe
as $$ select tstzrange(scheduled_at, scheduled_at + coalesce(duration_minutes, 60) * interval '1 minute') $$;

-- The default of currency columns. `users` comes later, hence plpgsql.
create function practitioner_currency() returns char(3) language plpgsql stable
set search_path = pg_catalog, public
as $$
begin
    return (select currency from public.users where id = nullif(current_setting('app.user_id', true), '')::uuid);
end
$$;
