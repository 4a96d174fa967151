-- Fills coins with the same data each time: everything follows from the row's number.
begin;

-- Where the migrations made the schema, they have written this down.
insert into alembic_version values ('s2v6w3x9y4z8') on conflict do nothing;

insert into "user" (public_id, email, full_name, hashed_password, is_superuser, preferences, created_at, updated_at)
overriding system value
select
  md5('user' || n)::uuid,
  case when n % 97 = 0 then format('Üser.%s@exämple.org', n) else format('user%s@example.org', n) end,
  case when n % 11 <> 0 then 'User Nº ' || n end,
  decode(md5('salt' || n) || md5('pepper' || n), 'hex'),
  n = 1,
  jsonb_build_object('theme', (array['dark', 'light'])[1 + n % 2], 'currency', 'USD', 'limits', jsonb_build_array(n, n * 2, null)),
  timestamptz '2025-01-01 00:00+00' + n * interval '37 minutes',
  timestamptz '2025-06-01 00:00+00' + n * interval '11 minutes'
from generate_series(1, 5000) n;

insert into coins (symbol, name, tags, decimals, listed_on, delisted_on)
select
  upper(substr(translate(md5('coin' || n), '0123456789', 'ghijklmnop'), 1, 3)) || n,
  'Coin ' || n,
  (array['layer1', 'defi', 'meme', 'stable, "pegged"', 'back\slash'])[1 : n % 6],
  (n % 19)::smallint,
  date '2019-01-01' + n,
  case when n % 17 = 0 then date '2025-01-01' + n end
from generate_series(1, 40) n;

-- 40 coins, a price every five minutes for about 17 days.
insert into prices (coin_id, at, open, high, low, close, volume)
select coin, at, price, greatest(price, price + move) + spread, least(price, price + move) - spread,
  price + move, (coin * 1000.5 + step % 977) * 3.25
from generate_series(1, 40) coin
cross join generate_series(0, 4999) step
cross join lateral (select
  timestamptz '2026-10-01 00:00+00' + step * interval '5 minutes' as at,
  round((coin * 25 + 10 * sin(step / 90.0 + coin) + 3 * cos(step / 7.0))::numeric, 8) as price,
  round((sin(step / 13.0 + coin) / 2)::numeric, 8) as move,
  round(((step * 7919 % 101) / 400.0)::numeric, 8) as spread
  offset 0) as tick;  -- offset 0: each tick is computed once, not once for every column

insert into holdings
select user_id, coin_id, round((user_id * 0.37 + coin_id)::numeric / 7, 18)
from generate_series(1, 5000) user_id
cross join lateral (select distinct 1 + (user_id * 31 + k * 7) % 40 as coin_id from generate_series(1, 4) k) owned;

insert into orders (user_id, coin_id, side, status, amount, limit_price, placed_at, updated_at)
select
  1 + (n * 7919) % 5000, 1 + n % 40,
  (enum_range(null::order_side))[1 + n % 2],
  (enum_range(null::order_status))[1 + n % 4],
  round((1 + n % 500)::numeric / 3, 18),
  case when n % 3 <> 0 then round((n % 40 + 1) * 25.123456789, 8) end,
  timestamptz '2026-10-01 00:00+00' + n * interval '50 seconds',
  timestamptz '2026-10-01 00:05+00' + n * interval '50 seconds'
from generate_series(1, 40000) n;

insert into transactions (order_id, executed_at, price, amount, fee, counterparty, note)
select
  id, placed_at + interval '90 seconds', coalesce(limit_price, 25.5), amount, round(amount / 1000, 8),
  format('10.%s.%s.%s', id / 65536 % 256, id / 256 % 256, id % 256)::inet,
  case id % 5 when 0 then E'tab\there, line\nthere' when 1 then 'back\slash' when 2 then '' when 3 then '\N' end
from orders
where status = 'filled';

insert into alerts (user_id, coin_id, rule, state, cooldown)
select n, 1 + n % 40,
  jsonb_build_object('above', n % 900, 'unless', jsonb_build_object('hours', jsonb_build_array(22, 6))),
  (enum_range(null::alert_state))[1 + n % 3],
  make_interval(mins => n % 90, secs => n % 60)
from generate_series(1, 5000) n;

insert into news (id, published_at, title, body, coin_ids, sentiment)
select
  md5('news' || n)::uuid,
  timestamptz '2026-10-01 00:00+00' + n * interval '14 minutes',
  format('Coin %s moves %s %%', 1 + n % 40, n % 23 - 11),
  repeat(format('Item %s of the day’s reports, “quoted” and ünïcode — 日本語 . ', n), 1 + n % 9),
  array[1 + n % 40, 1 + (n * 3) % 40],
  case when n % 10 <> 0 then (sin(n))::real end
from generate_series(1, 2500) n;

insert into sessions
select md5('session' || n), n, timestamptz '2026-12-01 00:00+00' from generate_series(1, 200) n;

alter sequence invoice_numbers restart with 2026084;

commit;

refresh materialized view daily_prices;
analyze;
