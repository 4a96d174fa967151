"""A small service: accounts, coins, prices, orders, alerts and news."""
