-- Gateways, the orchestrators they are connected to, their routes, prices and a day of measurements.

INSERT INTO "plugin_gateway"."Gateway"
  ("id", "ownerId", "teamId", "name", "region", "state", "endpoint", "ethAddress", "version", "depositEth", "reserveEth", "maxPrice", "labels", "createdAt", "updatedAt")
SELECT '70000000-0000-4000-8000-' || lpad(n::text, 12, '0'), '10000000-0000-4000-8000-' || lpad(who::text, 12, '0'),
       '20000000-0000-4000-8000-' || lpad(team::text, 12, '0'), name, region, state::"plugin_gateway"."GatewayState", 'https://' || name || '.gateways.example',
       '0x' || left(encode(sha256(convert_to('gateway ' || name, 'UTF8')), 'hex'), 40), version, deposit, deposit * 0.36, price, labels::jsonb,
       timestamp '2026-04-20 09:00' + n * interval '17 days', timestamp '2026-10-01 09:00' + n * interval '2 hours'
FROM (VALUES
  (1, 2,  1,         'eu-north-1',  'eu-north',     'online',       '0.8.6', 4.25,                 0.000000001250, '{"tier": "prod"}'),
  (2, 5,  2,         'eu-north-2',  'eu-north',     'online',       '0.8.6', 1.5,                  0.000000001100, '{"tier": "live", "canary": true}'),
  (3, 8,  5,         'us-west-1',   'us-west',      'degraded',     '0.8.4', 0.75,                 0.000000000980, '{"tier": "guild"}'),
  (4, 3,  4,         'tokyo-art',   'ap-northeast', 'online',       '0.8.6', 2.000000000000000001, 0.000000002400, '{}'),
  (5, 15, NULL::int, 'paris-lab',   'eu-west',      'provisioning', '0.9.0-rc.1', 0,               0.000000001000, '{"tier": "lab"}')
) AS v (n, who, team, name, region, state, version, deposit, price, labels)
ON CONFLICT DO NOTHING;

-- An orchestrator is named by its address: the staking side of it belongs to another plugin's schema.
INSERT INTO "plugin_gateway"."GatewayOrchestratorConnection"
  ("gatewayId", "orchestrator", "serviceUri", "capabilities", "latencyMs", "score", "suspended", "sessions", "connectedAt", "lastSeenAt")
SELECT '70000000-0000-4000-8000-' || lpad(g::text, 12, '0'), '0x' || left(encode(sha256(convert_to('orchestrator ' || o, 'UTF8')), 'hex'), 40),
       'https://o' || o || '.nodes.example:8935', CASE WHEN o % 2 = 0 THEN ARRAY['transcode'] ELSE ARRAY['transcode', 'live-video-to-video', 'text-to-image'] END,
       12.5 + ((g * 13 + o * 29) % 90), 1 - ((g * 3 + o) % 7) * 0.0625, g = 3 AND o = 5, (g * 7 + o * 3) % 11,
       timestamp '2026-09-01 00:00' + (g * 10 + o) * interval '7 hours', timestamp '2026-10-05 08:00' + (g + o) * interval '11 seconds'
FROM generate_series(1, 4) AS g, generate_series(1, 6) AS o
WHERE (g + o) % 2 = 0
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_gateway"."GatewayRoute" ("id", "gatewayId", "protocol", "path", "pipeline", "weight", "enabled", "allow")
SELECT n, '70000000-0000-4000-8000-' || lpad(gateway::text, 12, '0'), protocol::"plugin_gateway"."GatewayProtocol", path, pipeline, weight, enabled, allow::inet[]
FROM (VALUES
  (1, 1, 'rtmp',    '/live',         'transcode',           100, true,  '{}'),
  (2, 1, 'http',    '/v1/images',    'text-to-image',       100, true,  '{198.51.100.0/24,2001:db8::/48}'),
  (3, 2, 'whip',    '/whip',         'live-video-to-video', 80,  true,  '{}'),
  (4, 2, 'trickle', '/trickle',      'live-video-to-video', 20,  true,  '{}'),
  (5, 3, 'rtmp',    '/live',         'transcode',           100, true,  '{}'),
  (6, 3, 'http',    '/v1/audio',     'audio-to-text',       100, false, '{203.0.113.9}'),
  (7, 4, 'whip',    '/stage',        'live-video-to-video', 100, true,  '{192.0.2.0/26}')
) AS v (n, gateway, protocol, path, pipeline, weight, enabled, allow)
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"plugin_gateway"."GatewayRoute"', 'id'), max("id")) FROM "plugin_gateway"."GatewayRoute";

INSERT INTO "plugin_gateway"."GatewayPipelinePrice" ("gatewayId", "pipeline", "model", "pricePerUnit", "unit", "validFrom")
SELECT '70000000-0000-4000-8000-' || lpad(g::text, 12, '0'), pipeline, model, price * (1 + g / 20.0), unit, from_day::date
FROM generate_series(1, 2) AS g, (VALUES
  ('transcode',           'h264-ladder',         0.000000000000950000::numeric, 'pixel',  '2026-07-01'),
  ('transcode',           'h264-ladder',         0.000000000000910000,          'pixel',  '2026-10-01'),
  ('live-video-to-video', 'stream-diffusion-xl', 0.000000000003200000,          'pixel',  '2026-07-01'),
  ('text-to-image',       'sdxl-lightning',      0.000000000001750000,          'pixel',  '2026-07-01'),
  ('audio-to-text',       'whisper-large-v3',    0.000000012000000000,          'second', '2026-07-01')
) AS v (pipeline, model, price, unit, from_day)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_gateway"."GatewayMetricSample" ("id", "gatewayId", "at", "streams", "successPct", "p50Ms", "p99Ms", "egressMb")
SELECT (g - 1) * 8 + h + 1, '70000000-0000-4000-8000-' || lpad(g::text, 12, '0'), timestamptz '2026-10-04 00:00Z' + h * interval '3 hours',
       (g * 11 + h * 5) % 23, 99.9 - ((g * 5 + h * 3) % 9) * 0.25 - CASE WHEN g = 3 AND h > 4 THEN 4.5 ELSE 0 END,
       80 + g * 10 + (h * 17) % 40, 310 + g * 30 + (h * 53) % 160 + CASE WHEN g = 3 AND h > 4 THEN 500 ELSE 0 END, 18000 + g * 2500 + h * 1311
FROM generate_series(1, 3) AS g, generate_series(0, 7) AS h
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"plugin_gateway"."GatewayMetricSample"', 'id'), max("id")) FROM "plugin_gateway"."GatewayMetricSample";

INSERT INTO "plugin_gateway"."GatewayIncident" ("id", "gatewayId", "severity", "title", "timeline", "openedAt", "resolvedAt") VALUES
  ('71000000-0000-4000-8000-000000000001', '70000000-0000-4000-8000-000000000003', 2, 'Slow segments in us-west',
   ARRAY['{"at": "15:10", "text": "p99 above 900 ms"}', '{"at": "15:32", "text": "mile-high suspended"}']::jsonb[], '2026-10-04 15:10', NULL),
  ('71000000-0000-4000-8000-000000000002', '70000000-0000-4000-8000-000000000001', 3, 'Certificate close to its end',
   ARRAY['{"at": "08:00", "text": "7 days left"}', '{"at": "09:05", "text": "renewed"}']::jsonb[], '2026-08-18 08:00', '2026-08-18 09:05')
ON CONFLICT DO NOTHING;
