-- Developer API: the models on offer, what they cost, and who has called them.

INSERT INTO "plugin_developer_api"."DevApiAIModel" ("id", "kind", "title", "vendor", "license", "inputTypes", "outputTypes", "warm", "limits", "releasedOn")
SELECT id, kind::"plugin_developer_api"."DevApiModelKind", title, vendor, license, inputs::text[], outputs::text[], warm, limits::jsonb, released::date
FROM (VALUES
  ('sdxl-lightning',        'textToImage',  'SDXL Lightning',         'open',         'openrail++',  '{text/plain}',           '{image/png,image/webp}', true,  '{"maxBatch": 4, "maxPixels": 1048576}', '2024-02-21'),
  ('flux-schnell',          'textToImage',  'FLUX.1 schnell',         'open',         'apache-2.0',  '{text/plain}',           '{image/png}',            true,  '{"maxBatch": 2}',                       '2024-08-01'),
  ('stream-diffusion-xl',   'liveVideo',    'StreamDiffusion XL',     'open',         'apache-2.0',  '{video/h264}',           '{video/h264}',           true,  '{"maxFps": 30, "maxStreams": 1}',       '2025-06-12'),
  ('two-step-face',         'liveVideo',    'Two-step face sampler',  'pixel-garden', 'cc-by-nc-4.0','{video/h264}',           '{video/h264}',           false, '{"maxFps": 60}',                        '2026-08-30'),
  ('svd-xt',                'imageToVideo', 'Stable Video XT',        'open',         'research',    '{image/png,image/jpeg}', '{video/mp4}',            false, '{"maxFrames": 25}',                     '2023-11-21'),
  ('whisper-large-v3',      'audioToText',  'Whisper large v3',       'open',         'apache-2.0',  '{audio/wav,audio/mpeg}', '{application/json}',     true,  '{"maxSeconds": 3600}',                  '2023-11-06'),
  ('real-esrgan-x4',        'upscale',      'Real-ESRGAN x4',         'open',         'bsd-3-clause','{image/png}',            '{image/png}',            false, '{"maxPixels": 2097152}',                '2022-09-18'),
  ('small-instruct-8b',     'llm',          'Small instruct 8B',      'open',         'apache-2.0',  '{text/plain}',           '{text/plain}',           true,  '{"context": 32768}',                    NULL)
) AS v (id, kind, title, vendor, license, inputs, outputs, warm, limits, released)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_developer_api"."DevApiOffer" ("id", "modelId", "region", "unit", "priceUsd", "slaMs", "validFrom")
SELECT 'cm0offer' || lpad((m * 10 + r)::text, 17, '0'), model, region, unit, price * (1 + r * 0.15), 900 + m * 250 + r * 100, date '2026-07-01'
FROM (VALUES (1, 'sdxl-lightning', 'image', 0.0021::numeric), (2, 'flux-schnell', 'image', 0.0029), (3, 'stream-diffusion-xl', 'minute', 0.018),
             (4, 'whisper-large-v3', 'minute', 0.0008), (5, 'small-instruct-8b', 'kilotoken', 0.00012)) AS v (m, model, unit, price),
     (VALUES (1, 'eu-north'), (2, 'us-west'), (3, 'ap-northeast')) AS w (r, region)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_developer_api"."DevApiPlan" ("id", "name", "monthly", "included", "rateLimit", "features") VALUES
  (1, 'Tinker',  0::money,        1000,    60,   ARRAY[]::text[]),
  (2, 'Build',   29::money,       50000,   600,  ARRAY['webhooks', 'logs-7d']),
  (3, 'Scale',   249.50::money,   1000000, 6000, ARRAY['webhooks', 'logs-90d', 'priority', 'sla'])
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"plugin_developer_api"."DevApiPlan"', 'id'), max("id")) FROM "plugin_developer_api"."DevApiPlan";

INSERT INTO "plugin_developer_api"."DevApiProject" ("id", "ownerId", "teamId", "planId", "name", "slug", "webhook", "createdAt", "updatedAt")
SELECT '90000000-0000-4000-8000-' || lpad(n::text, 12, '0'), '10000000-0000-4000-8000-' || lpad(who::text, 12, '0'),
       '20000000-0000-4000-8000-' || lpad(team::text, 12, '0'), plan, name, slug, webhook, timestamp '2026-05-15 09:00' + n * interval '19 days', timestamp '2026-09-29 09:00' + n * interval '1 day'
FROM (VALUES
  (1, 6,  5,         1, 'Caption helper',  'caption-helper',  NULL),
  (2, 11, 4,         3, 'Stage visuals',   'stage-visuals',   'https://pixelgarden.example/hooks/jobs'),
  (3, 2,  1,         2, 'Thumbnail maker', 'thumbnail-maker', 'https://hooks.northern.example/thumbs'),
  (4, 15, NULL::int, 1, 'Weekend toy',     'weekend-toy',     NULL)
) AS v (n, who, team, plan, name, slug, webhook)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_developer_api"."DevApiKey" ("id", "projectId", "label", "prefix", "digest", "state", "scopes", "replacesId", "createdAt", "lastUsedAt")
SELECT ('91000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, '90000000-0000-4000-8000-' || lpad(project::text, 12, '0'), label,
       'nk_' || left(md5('key ' || n), 8), encode(sha256(convert_to('developer key ' || n, 'UTF8')), 'hex'), state::"plugin_developer_api"."DevApiKeyState",
       string_to_array(scopes, ' '), ('91000000-0000-4000-8000-' || lpad(replaces::text, 12, '0'))::uuid,
       timestamp '2026-06-10 10:00' + n * interval '16 days', used::timestamp
FROM (VALUES
  (1, 1, 'default', 'rotating', 'infer',        NULL::int, '2026-10-04 21:10'), (2, 1, 'october', 'active',  'infer',       1,    '2026-10-05 08:01'),
  (3, 2, 'stage',   'active',   'infer stream', NULL,      '2026-10-05 07:59'), (4, 2, 'ci',      'revoked', 'infer',       NULL, NULL),
  (5, 3, 'default', 'active',   'infer',        NULL,      '2026-10-05 06:30'), (6, 4, 'default', 'active',  'infer usage', NULL, NULL)
) AS v (n, project, label, state, scopes, replaces, used)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_developer_api"."DevApiUsageRecord" ("id", "keyId", "modelId", "hour", "requests", "errors", "units", "costUsd")
SELECT k * 10 + h, ('91000000-0000-4000-8000-' || lpad(key::text, 12, '0'))::uuid, model, timestamptz '2026-10-04 12:00Z' + h * interval '1 hour',
       base + (h * 13) % 17, (k + h) % 4, (base + (h * 13) % 17) * unit, round((base + (h * 13) % 17) * unit * price, 6)
FROM (VALUES (0, 1, 'whisper-large-v3', 40, 6, 0.0008::numeric), (1, 3, 'stream-diffusion-xl', 9, 1, 0.018), (2, 5, 'sdxl-lightning', 120, 1, 0.0021),
             (3, 2, 'small-instruct-8b', 75, 3, 0.00012)) AS v (k, key, model, base, unit, price), generate_series(1, 6) AS h
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"plugin_developer_api"."DevApiUsageRecord"', 'id'), max("id")) FROM "plugin_developer_api"."DevApiUsageRecord";

INSERT INTO "plugin_developer_api"."dev_api_rate_limit" ("project_id", "route", "window", "ceiling", "burst")
SELECT '90000000-0000-4000-8000-' || lpad(project::text, 12, '0'), route, window_name, ceiling, burst
FROM (VALUES (1, '/v1/audio', 'minute', 60, 10), (2, '/v1/stream', 'hour', 20, 2), (2, '/v1/images', 'minute', 6000, 200), (3, '/v1/images', 'minute', 600, 50), (4, '*', 'day', 500, 20))
  AS v (project, route, window_name, ceiling, burst)
ON CONFLICT DO NOTHING;
