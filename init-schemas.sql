-- The schemas of the database, one a plugin; "public" (base-svc) exists in every database.
-- Run on every start: each statement must be safe to run again.

CREATE SCHEMA IF NOT EXISTS plugin_community;     -- community
CREATE SCHEMA IF NOT EXISTS plugin_wallet;        -- my-wallet
CREATE SCHEMA IF NOT EXISTS plugin_dashboard;     -- my-dashboard
CREATE SCHEMA IF NOT EXISTS plugin_daydream;      -- daydream-video
CREATE SCHEMA IF NOT EXISTS plugin_gateway;       -- gateway-manager
CREATE SCHEMA IF NOT EXISTS plugin_capacity;      -- capacity-planner
CREATE SCHEMA IF NOT EXISTS plugin_developer_api; -- developer-api
