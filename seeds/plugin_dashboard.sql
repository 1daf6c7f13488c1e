-- Dashboards that people made, shared and set as their first page.

INSERT INTO "plugin_dashboard"."Dashboard" ("id", "ownerId", "teamId", "slug", "title", "visibility", "layout", "refreshSecs", "createdAt", "updatedAt")
SELECT '60000000-0000-4000-8000-' || lpad(n::text, 12, '0'), '10000000-0000-4000-8000-' || lpad(who::text, 12, '0'),
       '20000000-0000-4000-8000-' || lpad(team::text, 12, '0'), slug, title, visibility::"plugin_dashboard"."DashboardVisibility",
       jsonb_build_object('columns', 12, 'compact', n % 2 = 0), refresh, timestamp '2026-04-10 10:00' + n * interval '20 days', timestamp '2026-09-25 10:00' + n * interval '1 day'
FROM (VALUES
  (1, 5, 1,         'network-health', 'Network health',         'public',  30),
  (2, 5, 2,         'live-latency',   'Live latency by region', 'team',    10),
  (3, 4, 3,         'rewards',        'Rewards per round',      'private', 300),
  (4, 8, NULL::int, 'egress-cost',    'Egress cost',            'private', 600),
  (5, 6, 5,         'api-usage',      'API usage and errors',   'team',    60)
) AS v (n, who, team, slug, title, visibility, refresh)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_dashboard"."DashboardPanel" ("id", "dashboardId", "kind", "title", "query", "options", "thresholds", "x", "y", "width", "height")
SELECT n, '60000000-0000-4000-8000-' || lpad(dashboard::text, 12, '0'), kind::"plugin_dashboard"."DashboardPanelKind", title, query, options::jsonb, thresholds::float[], x, y, width, 4
FROM (VALUES
  (1,  1, 'stat',  'Active orchestrators', 'count(orchestrators where active)',          '{"unit": "nodes"}',      '{50,80}',     0, 0, 3),
  (2,  1, 'line',  'Success rate',         'avg(success_pct) by hour',                   '{"min": 90, "max": 100}','{97.5,99.5}', 3, 0, 9),
  (3,  1, 'map',   'Streams by region',    'sum(streams) by region',                     '{"palette": "viridis"}', '{}',          0, 4, 12),
  (4,  2, 'line',  'p50',                  'quantile(0.5, latency_ms) by region, 1m',    '{"unit": "ms"}',         '{200}',       0, 0, 6),
  (5,  2, 'line',  'p99',                  'quantile(0.99, latency_ms) by region, 1m',   '{"unit": "ms"}',         '{500,900}',   6, 0, 6),
  (6,  3, 'bar',   'Tokens',               'sum(tokens) by round',                       '{"stacked": false}',     '{}',          0, 0, 8),
  (7,  3, 'stat',  'Missed calls',         'count(rewards where not called)',            '{}',                     '{0.5}',       8, 0, 4),
  (8,  4, 'table', 'Top routes',           'top(10, egress_mb) by route',                '{"columns": ["route", "MB", "USD"]}', '{}', 0, 0, 12),
  (9,  5, 'line',  'Requests',             'sum(requests) by model, 1h',                 '{}',                     '{}',          0, 0, 8),
  (10, 5, 'stat',  'Error rate',           'sum(errors) / sum(requests)',                '{"unit": "%"}',          '{1,5}',       8, 0, 4)
) AS v (n, dashboard, kind, title, query, options, thresholds, x, y, width)
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"plugin_dashboard"."DashboardPanel"', 'id'), max("id")) FROM "plugin_dashboard"."DashboardPanel";

INSERT INTO "plugin_dashboard"."DashboardUserPreference" ("userId", "homeId", "density", "hidden", "alertsFrom", "alertsUntil", "updatedAt")
SELECT '10000000-0000-4000-8000-' || lpad(who::text, 12, '0'), '60000000-0000-4000-8000-' || lpad(home::text, 12, '0'), density, hidden::int[], begins::time, ends::time,
       timestamp '2026-09-01 07:00' + who * interval '1 day'
FROM (VALUES (2, 1, 'compact', '{}', '08:00', '20:00'), (4, 3, 'comfortable', '{3}', NULL, NULL), (5, 1, 'compact', '{}', '07:30', '18:00'),
             (6, 5, 'comfortable', '{1,2}', NULL, NULL), (8, NULL::int, 'comfortable', '{}', '00:00', '23:59:59')) AS v (who, home, density, hidden, begins, ends)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_dashboard"."DashboardShare" ("dashboardId", "userId", "canEdit", "sharedAt")
SELECT '60000000-0000-4000-8000-' || lpad(dashboard::text, 12, '0'), '10000000-0000-4000-8000-' || lpad(who::text, 12, '0'), edit, timestamp '2026-08-05 13:00' + (dashboard * 16 + who) * interval '3 hours'
FROM (VALUES (1, 2, true), (1, 14, false), (2, 7, false), (3, 13, true), (3, 9, false), (5, 15, false)) AS v (dashboard, who, edit)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_dashboard"."DashboardSnapshot" ("id", "dashboardId", "takenAt", "image", "data")
SELECT ('61000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, '60000000-0000-4000-8000-000000000001', timestamp '2026-09-30 00:00' + n * interval '1 day',
       CASE WHEN n = 1 THEN '\x89504e470d0a1a0a'::bytea END, jsonb_build_object('active', 96 + n, 'successPct', 99.1 + n / 10.0)
FROM generate_series(1, 3) AS n
ON CONFLICT DO NOTHING;
