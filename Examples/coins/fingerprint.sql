-- One line per table: its rows, and a hash of their contents that does not depend on their order.
-- Two databases with the same lines hold the same rows.
select c.oid::regclass::text as "table", (counted.fields)[1]::text::bigint as rows, (counted.fields)[2]::text as hash
from pg_class c
cross join lateral (select xpath('/row/*/text()', query_to_xml(
  format('select count(*) as n, coalesce(sum(hashtextextended(r::text, 0)), 0) as hash from %s r', c.oid::regclass),
  false, true, '')) as fields) counted
where c.relkind in ('r', 'm')
  and c.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
order by 1;
