-- Community: people, what they ask and answer, and what that earns them.

INSERT INTO "plugin_community"."CommunityProfile" ("id", "userId", "bio", "avatarUrl", "level", "reputation", "links", "joinedAt")
SELECT '40000000-0000-4000-8000-' || lpad(n::text, 12, '0'), '10000000-0000-4000-8000-' || lpad(n::text, 12, '0'), bio,
       CASE WHEN n % 4 <> 0 THEN 'https://cdn.platform.example/avatars/' || n || '.webp' END,
       level::"plugin_community"."CommunityLevel", reputation, links::jsonb, timestamp '2026-02-01 08:00' + n * interval '4 days'
FROM (VALUES
  (1,  'Keeps the lights on.',                          'steward',  2140, '[{"label": "site", "url": "https://amara.example"}]'),
  (2,  'Transcoding since the first GPU was too slow.', 'expert',   1325, '[]'),
  (3,  'Moving pictures, mostly dreams.',               'regular',  480,  '[{"label": "reel", "url": "https://mei.example/reel"}]'),
  (4,  'Six nodes, one city, no sleep.',                'expert',   1190, '[]'),
  (6,  NULL,                                            'regular',  320,  '[]'),
  (7,  'Design systems and small details.',             'regular',  275,  '[]'),
  (8,  'Gateways are just routers with opinions.',      'expert',   905,  '[]'),
  (11, 'Research on few-step diffusion.',               'regular',  610,  '[]'),
  (12, NULL,                                            'newcomer', 35,   '[]'),
  (14, 'Writes the guides nobody asked for, yet.',      'steward',  1760, '[{"label": "docs", "url": "https://ania.example"}]')
) AS v (n, bio, level, reputation, links)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_community"."CommunityTag" ("id", "name", "description", "color") VALUES
  (1, 'staking',     'Bonding, delegation, rewards',       '#8a63d2'),
  (2, 'gpu',         'Cards, drivers, temperatures',       '#18794e'),
  (3, 'gateway',     'Running and using gateways',         '#0b6fb8'),
  (4, 'ai-pipeline', 'Models in a video path',             '#b4541a'),
  (5, 'howto',       NULL,                                 '#6b6f76'),
  (6, 'release',     'What is new',                        '#c2255c')
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"plugin_community"."CommunityTag"', 'id'), max("id")) FROM "plugin_community"."CommunityTag";

INSERT INTO "plugin_community"."CommunityPost"
  ("id", "authorId", "kind", "slug", "title", "body", "score", "views", "pinned", "locked", "createdAt", "updatedAt")
SELECT '41000000-0000-4000-8000-' || lpad(n::text, 12, '0'), '40000000-0000-4000-8000-' || lpad(author::text, 12, '0'),
       kind::"plugin_community"."CommunityPostKind", slug, title, body, score, views, kind = 'announcement', n = 9,
       timestamp '2026-05-03 10:00' + n * interval '12 days 5 hours', timestamp '2026-05-03 10:00' + n * interval '12 days 6 hours'
FROM (VALUES
  (1, 12, 'question',     'how-is-my-reward-computed',      'How is my reward computed?',                        'My orchestrator has a reward cut of 12 %. What is left for me each round?', 9, 412),
  (2, 14, 'guide',        'first-orchestrator-in-an-hour',  'Your first orchestrator in an hour',                'Hardware, ports, a price, and the first reward call, step by step.',        41, 3980),
  (3, 6,  'question',     'key-rotation-without-downtime',  'Rotating an API key without downtime?',             'Both keys must work for a while. Is there a grace period?',                 6, 158),
  (4, 8,  'guide',        'choosing-max-price',             'Choosing a max price for your gateway',             'Too low and nobody answers; too high and you pay for it. Some numbers.',    23, 1240),
  (5, 3,  'showcase',     'festival-visuals',               'Festival visuals, rendered live on nine GPUs',      'Forty minutes, one stream, 8.4 frames of delay. Here is the patch.',        57, 5210),
  (6, 4,  'question',     'l40s-or-two-4090',               'One L40S or two 4090s for live diffusion?',         'Power is the limit in my rack. What would you buy?',                        14, 890),
  (7, 11, 'showcase',     'two-step-sampler',               'A two-step sampler that keeps faces',               'Notes and a model card. Feedback on the failure cases is welcome.',         31, 1675),
  (8, 1,  'announcement', 'september-release',              'September release: trickle routes and map panels',  'Behind flags for now. Ask in this thread to have your team added.',         18, 2400),
  (9, 2,  'announcement', 'maintenance-2026-10-04',         'Maintenance on 4 October, 02:00 UTC',               'Dashboards are read-only for about ten minutes.',                           3, 960)
) AS v (n, author, kind, slug, title, body, score, views)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_community"."CommunityComment" ("id", "postId", "authorId", "parentId", "body", "score", "depth", "createdAt", "editedAt")
SELECT '42000000-0000-4000-8000-' || lpad(n::text, 12, '0'), '41000000-0000-4000-8000-' || lpad(post::text, 12, '0'),
       '40000000-0000-4000-8000-' || lpad(author::text, 12, '0'), '42000000-0000-4000-8000-' || lpad(parent::text, 12, '0'), body, score,
       depth, timestamp '2026-05-15 18:00' + (post * 12 * 24 + n) * interval '1 hour', CASE WHEN n = 7 THEN timestamp '2026-08-20 10:00' END
FROM (VALUES
  (1,  1, 4,  NULL::int, 0, 'Stake share times minted tokens, minus 12 %. The wallet shows it per round.', 12),
  (2,  1, 12, 1,         1, 'So a missed reward call means zero for everyone?',                            4),
  (3,  1, 4,  2,         2, 'Yes. That is what the alerts plugin is for.',                                 7),
  (4,  2, 7,  NULL,      0, 'The port check alone saved me an evening.',                                   8),
  (5,  3, 14, NULL,      0, 'Make the new one with "replaces" set: the old one stays valid for a day.',    10),
  (6,  3, 6,  5,         1, 'Works, thank you!',                                                           2),
  (7,  4, 2,  NULL,      0, 'We start at the median of the last 24 hours plus 15 %.',                      6),
  (8,  5, 11, NULL,      0, 'Which scheduler? I see banding in the dark parts.',                           3),
  (9,  5, 3,  8,         1, 'LCM, four steps. The banding was the LED wall.',                              5),
  (10, 6, 2,  NULL,      0, 'One L40S. The second card will wait for the bus anyway.',                     9),
  (11, 6, 8,  NULL,      0, 'Two cards if you sell both pipelines. 🔥 mind the 12VHPWR.',                  5),
  (12, 7, 3,  NULL,      0, 'Tried it on stage footage: much calmer eyes.',                                4),
  (13, 8, 8,  NULL,      0, 'Please add open-gateway.',                                                    1),
  (14, 8, 1,  13,        1, 'Done.',                                                                       2)
) AS v (n, post, author, parent, depth, body, score)
ON CONFLICT DO NOTHING;

-- The accepted answers: posts and comments refer to each other, so this comes after both.
UPDATE "plugin_community"."CommunityPost" AS p SET "answerId" = '42000000-0000-4000-8000-' || lpad(v.answer::text, 12, '0')
FROM (VALUES (1, 1), (3, 5), (6, 10)) AS v (post, answer)
WHERE p."id" = '41000000-0000-4000-8000-' || lpad(v.post::text, 12, '0') AND p."answerId" IS NULL;

INSERT INTO "plugin_community"."_CommunityPostToCommunityTag" ("A", "B")
SELECT '41000000-0000-4000-8000-' || lpad(post::text, 12, '0'), tag
FROM (VALUES (1, 1), (2, 5), (2, 2), (3, 5), (4, 3), (4, 5), (5, 4), (6, 2), (6, 4), (7, 4), (8, 6), (9, 6)) AS v (post, tag)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_community"."CommunityVote" ("postId", "profileId", "value", "castAt")
SELECT '41000000-0000-4000-8000-' || lpad(post::text, 12, '0'), '40000000-0000-4000-8000-' || lpad(voter::text, 12, '0'),
       CASE WHEN post = 9 THEN -1 ELSE 1 END, timestamp '2026-09-20 08:00' + (post * 14 + voter) * interval '1 hour'
FROM unnest(ARRAY[2, 4, 5, 7, 9]) AS post, unnest(ARRAY[1, 6, 8, 12]) AS voter
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_community"."CommunityBadge" ("id", "key", "title", "icon", "points") VALUES
  (1, 'first-answer',   'First accepted answer', 'check',  25),
  (2, 'guide-writer',   'Guide writer',          'book',   50),
  (3, 'node-runner',    'Node runner',           'server', 40),
  (4, 'early-adopter',  'Was here early',        'star',   10)
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"plugin_community"."CommunityBadge"', 'id'), max("id")) FROM "plugin_community"."CommunityBadge";

INSERT INTO "plugin_community"."CommunityBadgeAward" ("badgeId", "profileId", "reason", "awardedAt")
SELECT badge, '40000000-0000-4000-8000-' || lpad(who::text, 12, '0'), reason, timestamp '2026-08-01 00:00' + (badge * 10 + who) * interval '1 day'
FROM (VALUES (1, 4, 'How is my reward computed?'), (1, 14, NULL), (1, 2, NULL), (2, 14, 'Your first orchestrator in an hour'), (2, 8, NULL),
             (3, 4, NULL), (4, 1, NULL), (4, 2, NULL)) AS v (badge, who, reason)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_community"."CommunityFollow" ("followerId", "followedId", "since")
SELECT '40000000-0000-4000-8000-' || lpad(a::text, 12, '0'), '40000000-0000-4000-8000-' || lpad(b::text, 12, '0'), date '2026-06-01' + (a * 3 + b)
FROM (VALUES (12, 4), (12, 14), (6, 14), (7, 3), (3, 11), (11, 3), (8, 2), (2, 1), (4, 2)) AS v (a, b)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_community"."CommunityReport" ("id", "postId", "reporterId", "reason", "resolved", "createdAt") VALUES
  (1, '41000000-0000-4000-8000-000000000006', '40000000-0000-4000-8000-000000000007', 'Off topic?',              true,  '2026-08-02 09:00'),
  (2, '41000000-0000-4000-8000-000000000005', '40000000-0000-4000-8000-000000000012', 'Music may not be cleared', false, '2026-08-19 21:40')
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"plugin_community"."CommunityReport"', 'id'), max("id")) FROM "plugin_community"."CommunityReport";
