-- contacts.email and .phone are the primary contact_identifiers, whichever side is written.

create function normal_email(value text) returns text language sql immutable parallel safe
as $$ select nullif(lower(btrim(value)), '') $$;

create function normal_phone(value text) returns text language sql immutable parallel safe
as $$ select nullif(regexp_replace(lower(value), '[^0-9+]', '', 'g'), '') $$;

create function set_primary_identifier(of_contact uuid, of_user uuid, of_kind text, becomes text) returns void
language plpgsql
set search_path = pg_catalog, public
as $$
begin
    delete from public.contact_identifiers
     where user_id = of_user and contact_id = of_contact and kind = of_kind and is_primary
       and value is distinct from becomes;
    if becomes is null or exists (
        select from public.contact_identifiers
         where user_id = of_user and contact_id = of_contact and kind = of_kind and is_primary
    ) then
        return;
    end if;
    update public.contact_identifiers set is_primary = true
     where user_id = of_user and contact_id = of_contact and kind = of_kind and value = becomes;
    if not found then
        insert into public.contact_identifiers (id, user_id, contact_id, kind, value, is_primary)
        values (public.time_uuid(), of_user, of_contact, of_kind, becomes, true);
    end if;
end
$$;

create function contact_to_identifiers() returns trigger language plpgsql
set search_path = pg_catalog, public
as $$
begin
    if tg_op = 'INSERT' then
        insert into public.contact_identifiers (id, user_id, contact_id, kind, value, is_primary)
        select public.time_uuid(), new.user_id, new.id, kind, value, true
          from (values ('email', public.normal_email(new.email)), ('phone', public.normal_phone(new.phone))) as own (kind, value)
         where value is not null;
        return null;
    end if;
    if public.normal_email(new.email) is distinct from public.normal_email(old.email) then
        perform public.set_primary_identifier(new.id, new.user_id, 'email', public.normal_email(new.email));
    end if;
    if public.normal_phone(new.phone) is distinct from public.normal_phone(old.phone) then
        perform public.set_primary_identifier(new.id, new.user_id, 'phone', public.normal_phone(new.phone));
    end if;
    return null;
end
$$;

create trigger keep_identifiers after insert or update of email, phone on contacts
for each row execute function contact_to_identifiers();

-- A new primary takes the place of the old one, which stays as a further address.
create function demote_other_identifiers() returns trigger language plpgsql
set search_path = pg_catalog, public
as $$
begin
    update public.contact_identifiers set is_primary = false
     where user_id = new.user_id and contact_id = new.contact_id and kind = new.kind and is_primary and id <> new.id;
    return new;
end
$$;

create trigger one_primary before insert or update of is_primary on contact_identifiers
for each row when (new.is_primary and pg_trigger_depth() = 0) execute function demote_other_identifiers();

create function identifier_to_contact() returns trigger language plpgsql
set search_path = pg_catalog, public
as $$
declare
    this record := case when tg_op = 'DELETE' then old else new end;
    becomes text;
begin
    select value into becomes from public.contact_identifiers
     where user_id = this.user_id and contact_id = this.contact_id and kind = this.kind and is_primary;
    if this.kind = 'email' then
        update public.contacts set email = becomes
         where user_id = this.user_id and id = this.contact_id
           and public.normal_email(email) is distinct from becomes;
    else
        update public.contacts set phone = becomes
         where user_id = this.user_id and id = this.contact_id
           and public.normal_phone(phone) is distinct from becomes;
    end if;
    return null;
end
$$;

create trigger keep_contact_on_insert after insert on contact_identifiers
for each row when (new.is_primary and pg_trigger_depth() = 0) execute function identifier_to_contact();
create trigger keep_contact_on_update after update of value, is_primary on contact_identifiers
for each row when (pg_trigger_depth() = 0) execute function identifier_to_contact();
create trigger keep_contact_on_delete after delete on contact_identifiers
for each row when (old.is_primary and pg_trigger_depth() = 0) execute function identifier_to_contact();
