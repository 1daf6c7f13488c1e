-- Daydream: live sessions, the prompts that steered them, and the clips that were kept.

INSERT INTO "plugin_daydream"."DaydreamSettings" ("userId", "model", "seed", "steps", "guidance", "negative", "controlNets", "weights", "updatedAt")
SELECT '10000000-0000-4000-8000-' || lpad(who::text, 12, '0'), model, seed, steps, guidance, negative, nets::text[], weights::float[], timestamp '2026-09-10 18:00' + who * interval '1 day'
FROM (VALUES
  (3,  'stream-diffusion-xl',    734120995127, 4, 1.35, 'blurry, low quality', '{pose,depth}',      '{0.55,0.45}'),
  (7,  'stream-diffusion-xl',    42,           4, 1.2,  'text, watermark',     '{canny}',           '{0.8}'),
  (11, 'two-step-face',          9007199254740993, 2, 0.9, '',                 '{pose,face,depth}', '{0.4,0.4,0.2}'),
  (13, 'stream-diffusion-turbo', 1,            1, 1.0,  'blurry',              '{}',                '{}')
) AS v (who, model, seed, steps, guidance, negative, nets, weights)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_daydream"."DaydreamPreset" ("id", "name", "prompt", "params", "official") VALUES
  (1, 'Oil on canvas',   'oil painting, thick strokes, warm evening light',      '{"strength": 0.55, "seed": 7}',             true),
  (2, 'Paper city',      'a city folded from paper, soft shadows',                '{"strength": 0.7, "lora": "papercraft"}',   true),
  (3, 'Deep sea',        'bioluminescent creatures, dark water, slow motion',     '{"strength": 0.65, "fps": 24}',             true),
  (4, 'Neon rain',       'night street, neon signs, rain on asphalt',             '{"strength": 0.6}',                         true),
  (5, 'Festival nine',   'liquid metal waves in violet and gold, 夢',              '{"strength": 0.8, "controlnet": ["pose"]}', false)
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"plugin_daydream"."DaydreamPreset"', 'id'), max("id")) FROM "plugin_daydream"."DaydreamPreset";

INSERT INTO "plugin_daydream"."DaydreamSession"
  ("id", "userId", "presetId", "state", "streamKey", "ingestUrl", "playbackId", "width", "height", "fps", "startedAt", "endedAt", "error")
SELECT 'cm0session' || lpad(n::text, 15, '0'), '10000000-0000-4000-8000-' || lpad(who::text, 12, '0'), preset, state::"plugin_daydream"."DaydreamSessionState",
       'sk_' || left(md5('stream ' || n), 24), 'rtmp://ingest.' || region || '.platform.example/live', CASE WHEN state <> 'starting' THEN left(md5('playback ' || n), 16) END,
       width, height, fps, timestamp '2026-09-18 19:00' + n * interval '43 hours',
       CASE WHEN state IN ('ended', 'failed') THEN timestamp '2026-09-18 19:37' + n * interval '43 hours' END, error
FROM (VALUES
  (1, 13, 5,         'ended',    'eu-west', 1920, 1080, 29.97::numeric, NULL),
  (2, 13, 5,         'ended',    'eu-west', 1920, 1080, 29.97,          NULL),
  (3, 3,  2,         'ended',    'ap-ne',   1280, 720,  24,             NULL),
  (4, 11, NULL::int, 'failed',   'ap-ne',   512,  512,  NULL,           'no orchestrator with pipeline two-step-face below the max price'),
  (5, 11, NULL,      'ended',    'ap-ne',   512,  512,  59.94,          NULL),
  (6, 7,  1,         'ended',    'eu-south',1280, 720,  25,             NULL),
  (7, 3,  3,         'live',     'ap-ne',   1280, 720,  24,             NULL),
  (8, 7,  4,         'starting', 'eu-south',1280, 720,  NULL,           NULL)
) AS v (n, who, preset, state, region, width, height, fps, error)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_daydream"."DaydreamPromptEvent" ("sessionId", "offsetMs", "prompt", "params")
SELECT 'cm0session' || lpad(n::text, 15, '0'), 1500 + step * 61000,
       (ARRAY['waves of liquid metal', 'the same, slower, more gold', 'fade to deep violet'])[1 + step],
       CASE WHEN step > 0 THEN jsonb_build_object('strength', 0.5 + step * 0.1, 'seed', n * 100 + step) END
FROM unnest(ARRAY[1, 2, 3, 5, 7]) AS n, generate_series(0, 2) AS step
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_daydream"."DaydreamClip" ("id", "sessionId", "title", "startMs", "endMs", "url", "sha256", "bytes", "public")
SELECT 'cm0clip' || lpad(n::text, 18, '0'), 'cm0session' || lpad(session::text, 15, '0'), title, begins, begins + 30000 + n * 750,
       'https://clips.platform.example/' || left(md5('clip ' || n), 12) || '.mp4', encode(sha256(convert_to('clip ' || n, 'UTF8')), 'hex'), 18400000 + n * 1034567, n <= 3
FROM (VALUES (1, 1, 'Opening wave', 61000), (2, 1, 'Gold drop', 128000), (3, 3, '紙の街 paper city', 15000), (4, 5, 'untitled', 4000), (5, 6, 'Studio test', 90500)) AS v (n, session, title, begins)
ON CONFLICT DO NOTHING;
