-- Capacity: who needs which GPUs when, who says they can help, and what the coming days look like.

INSERT INTO "plugin_capacity"."CapacityRequest"
  ("id", "requesterId", "title", "pipeline", "gpuModel", "gpuCount", "vramGb", "region", "startsOn", "endsOn", "hourlyUsd", "state", "extras", "createdAt", "updatedAt")
SELECT '80000000-0000-4000-8000-' || lpad(n::text, 12, '0'), '10000000-0000-4000-8000-' || lpad(who::text, 12, '0'), title, pipeline, gpu, gpus, vram, region,
       starts::date, starts::date + days, usd, state::"plugin_capacity"."CapacityRequestState", extras::jsonb,
       timestamp '2026-08-20 09:00' + n * interval '6 days', timestamp '2026-08-21 09:00' + n * interval '6 days'
FROM (VALUES
  (1, 13, 'Festival weekend',           'live-video-to-video', 'RTX 4090', 9,  24, 'eu-west',      '2026-09-11', 3,  0.6900, 'fulfilled', '{"maxLatencyMs": 400}'),
  (2, 6,  'Batch captions',             'audio-to-text',       'L4',       4,  24, 'us-east',      '2026-09-20', 10, 0.3500, 'matched',   NULL),
  (3, 3,  'Gallery opening',            'live-video-to-video', 'L40S',     2,  48, 'ap-northeast', '2026-10-17', 2,  1.1000, 'matched',   '{"spare": 1}'),
  (4, 2,  'Winter sports, eight feeds', 'transcode',           'L40S',     8,  48, 'eu-north',     '2026-11-01', 60, 0.9500, 'open',      '{"codecs": ["h264", "av1"]}'),
  (5, 11, 'Sampler ablations',          'text-to-image',       'H100',     1,  80, 'ap-northeast', '2026-10-08', 5,  2.4000, 'open',      NULL),
  (6, 15, 'Load test',                  'transcode',           'T4',       16, 16, 'eu-west',      '2026-09-02', 1,  0.1200, 'withdrawn', NULL)
) AS v (n, who, title, pipeline, gpu, gpus, vram, region, starts, days, usd, state, extras)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_capacity"."CapacitySoftCommit" ("requestId", "providerId", "gpuCount", "confidence", "note", "committed")
SELECT '80000000-0000-4000-8000-' || lpad(request::text, 12, '0'), '10000000-0000-4000-8000-' || lpad(who::text, 12, '0'), gpus, confidence, note,
       timestamp '2026-08-25 12:00' + (request * 6 + who) * interval '1 day'
FROM (VALUES (1, 2, 6, 0.95, 'Reserved'), (1, 9, 3, 0.8, NULL), (2, 16, 4, 0.7, 'After 18:00 UTC only'), (3, 16, 2, 0.9, NULL),
             (4, 2, 4, 0.75, NULL), (4, 12, 1, 0.5, 'If the new card arrives'), (5, 16, 1, 0.333, NULL)) AS v (request, who, gpus, confidence, note)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_capacity"."CapacityMessage" ("id", "requestId", "authorId", "body", "sentAt")
SELECT n, '80000000-0000-4000-8000-' || lpad(request::text, 12, '0'), '10000000-0000-4000-8000-' || lpad(who::text, 12, '0'), body, timestamp '2026-09-01 10:00' + n * interval '90 hours'
FROM (VALUES
  (1, 1, 9,  'Is 1080p at 30 fps enough, or do you need 60?'), (2, 1, 13, '30 is plenty. Latency matters more.'),
  (3, 3, 16, 'Both cards are yours from Friday noon, Tokyo time.'), (4, 4, 12, 'Could the smaller feeds run on a 4090?'),
  (5, 4, 2,  'Yes, three of them.'), (6, 5, 16, 'Only if my own training run ends on time.')
) AS v (n, request, who, body)
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"plugin_capacity"."CapacityMessage"', 'id'), max("id")) FROM "plugin_capacity"."CapacityMessage";

INSERT INTO "plugin_capacity"."CapacityForecast" ("day", "region", "gpuModel", "demand", "supply", "low", "high", "computed")
SELECT date '2026-10-06' + d, region, gpu, base + (d * 3) % 5, base + 4 - d, (base - 2) * 0.8, (base + 6) * 1.15, timestamp '2026-10-05 04:00'
FROM generate_series(0, 5) AS d, (VALUES ('eu-north', 'L40S', 14), ('us-west', 'RTX 4090', 22), ('ap-northeast', 'H100', 3)) AS v (region, gpu, base)
ON CONFLICT DO NOTHING;
