"""Views for dashboards

Revision ID: s2v6w3x9y4z8
Revises: r7w0x3f6h9k2
Create Date: 2026-03-09 10:00:00
"""

from alembic import op

revision = "s2v6w3x9y4z8"
down_revision = "r7w0x3f6h9k2"
branch_labels = None
depends_on = None

PORTFOLIO_VALUE = """
create function portfolio_value(account bigint) returns numeric language sql stable as $$
  select coalesce(sum(h.amount * p.close), 0)
  from public.holdings h
  join public.latest_prices p using (coin_id)
  where h.user_id = account
$$
"""


def upgrade():
    op.execute(
        """
        create view latest_prices as
          select distinct on (coin_id) coin_id, at, close
          from prices
          order by coin_id, at desc
        """
    )
    op.execute(
        """
        create view open_orders with (security_barrier) as
          select o.id, u.email, c.symbol, o.side, o.amount, o.limit_price, o.placed_at
          from orders o
          join "user" u on u.id = o.user_id
          join coins c on c.id = o.coin_id
          where o.status = 'open'
        """
    )
    op.execute(
        """
        create materialized view daily_prices as
          select coin_id, date_trunc('day', at, 'UTC') as day,
            min(low) as low, max(high) as high, avg(close) as mean, sum(volume) as volume
          from prices
          group by coin_id, date_trunc('day', at, 'UTC')
        """
    )
    op.create_index("daily_prices_key", "daily_prices", ["coin_id", "day"], unique=True)
    op.execute(PORTFOLIO_VALUE)
    op.execute("comment on function portfolio_value(bigint) is 'What an account''s holdings are worth now'")
    # A reader for dashboards, where the server has such a role.
    op.execute(
        """
        do $$
        begin
          if exists (select from pg_roles where rolname = 'coins_reader') then
            grant usage on schema public to coins_reader;
            grant select on prices, coins, latest_prices, daily_prices to coins_reader;
            grant select (id, public_id, created_at) on "user" to coins_reader;
            grant execute on function portfolio_value(bigint) to coins_reader;
          end if;
        end $$
        """
    )
    op.execute("revoke execute on function portfolio_value(bigint) from public")


def downgrade():
    op.execute("drop function portfolio_value(bigint)")
    op.execute("drop materialized view daily_prices")
    op.execute("drop view open_orders")
    op.execute("drop view latest_prices")
