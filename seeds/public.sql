-- The platform's core: people, teams, roles, plugins. Every id and time is fixed, so that each run gives the same rows.
-- Safe to run again: a row that is there stays as it is.

INSERT INTO "public"."User"
  ("id", "email", "handle", "displayName", "eth_address", "status", "locale", "timeZone", "interests", "preferences", "lastSeenAt", "created_at", "updated_at")
SELECT '10000000-0000-4000-8000-' || lpad(n::text, 12, '0'), email, handle, name,
       CASE WHEN n % 3 <> 0 THEN '0x' || left(encode(sha256(convert_to('user ' || handle, 'UTF8')), 'hex'), 40) END,
       status::"public"."UserStatus", locale, zone, string_to_array(interests, ' '),
       jsonb_build_object('theme', CASE WHEN n % 2 = 0 THEN 'dark' ELSE 'light' END, 'digest', 'weekly', 'density', n % 3),
       CASE WHEN status = 'active' THEN timestamptz '2026-10-01 08:00Z' + n * interval '5 hours 17 minutes' END,
       timestamp '2026-01-05 09:30' + n * interval '6 days 3 hours',
       timestamp '2026-09-01 12:00' + n * interval '1 day'
FROM (VALUES
  (1,  'amara.okafor@example.org',   'amara',     'Amara Okafor',       'active',    'en',    'Africa/Lagos',        'governance staking'),
  (2,  'jonas.lindqvist@example.org','jonas',     'Jonas Lindqvist',    'active',    'sv',    'Europe/Stockholm',    'transcoding gpu'),
  (3,  'mei.tanaka@example.org',     'mei',       'Mei Tanaka 田中',    'active',    'ja',    'Asia/Tokyo',          'live-video art'),
  (4,  'rafael.souza@example.org',   'rafa',      'Rafael Souza',       'active',    'pt-BR', 'America/Sao_Paulo',   'orchestrators pricing'),
  (5,  'lena.hoffmann@example.org',  'lena',      'Lena Hoffmann',      'active',    'de',    'Europe/Berlin',       'metrics dashboards'),
  (6,  'arjun.patel@example.org',    'arjun',     'Arjun Patel',        'active',    'en-IN', 'Asia/Kolkata',        'ai-models api'),
  (7,  'sofia.rossi@example.org',    'sofia',     'Sofia Rossi',        'active',    'it',    'Europe/Rome',         'plugins design'),
  (8,  'noah.williams@example.org',  'noahw',     'Noah Williams',      'active',    'en-US', 'America/Denver',      'gateways networking'),
  (9,  'fatima.zahra@example.org',   'fatima',    'Fatima Zahra El A.', 'active',    'ar',    'Africa/Casablanca',   'capacity gpu'),
  (10, 'oliver.brown@example.org',   'obrown',    'Oliver Brown',       'active',    'en-GB', 'Europe/London',       'security'),
  (11, 'chen.wei@example.org',       'chenwei',   'Chen Wei',           'active',    'zh',    'Asia/Singapore',      'diffusion research'),
  (12, 'ingrid.berg@example.org',    'ingrid',    'Ingrid Berg',        'active',    'nb',    'Europe/Oslo',         'delegation rounds'),
  (13, 'diego.morales@example.org',  'diego',     'Diego Morales',      'active',    'es',    'America/Mexico_City', 'live-video events'),
  (14, 'anna.kowalska@example.org',  'ania',      'Anna Kowalska',      'active',    'pl',    'Europe/Warsaw',       'docs community'),
  (15, 'samir.haddad@example.org',   'samir',     'Samir Haddad',       'active',    'fr',    'Europe/Paris',        'api billing'),
  (16, 'grace.kim@example.org',      'gracek',    'Grace Kim',          'active',    'ko',    'Asia/Seoul',          'gpu benchmarks'),
  (17, 'peter.novak@example.org',    'pnovak',    'Peter Novák',        'suspended', 'cs',    'Europe/Prague',       'mining'),
  (18, 'yara.silva@example.org',     'yara',      'Yara Silva',         'invited',   'pt',    'Europe/Lisbon',       'art'),
  (19, NULL,                         'vault-nine','vault-nine.eth',     'active',    'en',    'UTC',                 'staking'),
  (20, NULL,                         'gone-user', 'Deleted account',    'deleted',   'en',    'UTC',                 '')
) AS v (n, email, handle, name, status, locale, zone, interests)
ON CONFLICT DO NOTHING;

INSERT INTO "public"."auth_account" ("id", "user_id", "provider", "provider_id", "secret_hash", "scopes", "profile", "linked_at")
SELECT 'cm0account' || lpad(n::text, 15, '0'), '10000000-0000-4000-8000-' || lpad(n::text, 12, '0'),
       provider::"public"."AuthProvider", provider || ':' || n,
       CASE WHEN provider = 'password' THEN '$argon2id$v=19$m=65536,t=3,p=4$' || encode(sha256(convert_to('salt ' || n, 'UTF8')), 'base64') END,
       CASE provider WHEN 'github' THEN ARRAY['read:user', 'user:email'] WHEN 'google' THEN ARRAY['openid', 'email'] ELSE ARRAY[]::text[] END,
       CASE WHEN provider IN ('github', 'google') THEN jsonb_build_object('id', 4100 + n, 'verified', true) END,
       timestamp '2026-01-05 09:31' + n * interval '6 days 3 hours'
FROM (SELECT n, (ARRAY['github', 'password', 'google', 'siwe', 'discord'])[1 + n % 5] AS provider FROM generate_series(1, 19) AS n) AS a
ON CONFLICT DO NOTHING;

INSERT INTO "public"."auth_session" ("id", "user_id", "token_hash", "ip", "user_agent", "started_at", "expires_at", "revoked_at")
SELECT ('5e550000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, '10000000-0000-4000-8000-' || lpad(n::text, 12, '0'),
       sha256(convert_to('session ' || n, 'UTF8')), ('198.51.100.' || (10 + n))::inet,
       (ARRAY['Firefox 143 on Linux', 'Chrome 141 on macOS', 'Safari 26 on iPhone'])[1 + n % 3],
       timestamptz '2026-10-01 08:00Z' + n * interval '5 hours', timestamptz '2026-10-31 08:00Z' + n * interval '5 hours',
       CASE WHEN n = 4 THEN timestamptz '2026-10-03 10:00Z' END
FROM generate_series(1, 8) AS n
ON CONFLICT DO NOTHING;

INSERT INTO "public"."auth_token" ("id", "user_id", "purpose", "digest", "attempts", "expires_at", "used_at")
SELECT n, '10000000-0000-4000-8000-' || lpad(owner::text, 12, '0'), purpose::"public"."AuthTokenPurpose",
       encode(sha256(convert_to('token ' || n, 'UTF8')), 'hex'), attempts, timestamp '2026-10-02 12:00' + n * interval '1 hour', used::timestamp
FROM (VALUES
  (1, 18, 'verifyEmail',   0, NULL),
  (2, 10, 'resetPassword', 1, '2026-10-02 12:41'),
  (3, 14, 'magicLink',     0, '2026-10-02 13:02'),
  (4, 17, 'resetPassword', 3, NULL)
) AS v (n, owner, purpose, attempts, used)
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"public"."auth_token"', 'id'), max("id")) FROM "public"."auth_token";

-- Roles and permissions.

INSERT INTO "public"."Role" ("id", "name", "description", "builtIn", "inheritsId") VALUES
  (1, 'viewer',         'Sees what the team shares',                      true,  NULL),
  (2, 'developer',      'Installs plugins and makes keys',                true,  1),
  (3, 'operator',       'Runs gateways and answers capacity requests',    true,  1),
  (4, 'team-admin',     'Manages members, billing and secrets of a team', true,  2),
  (5, 'platform-admin', 'Everything, everywhere',                         true,  4),
  (6, 'moderator',      'Closes reports and locks posts',                 false, 1)
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"public"."Role"', 'id'), max("id")) FROM "public"."Role";

INSERT INTO "public"."Permission" ("id", "resource", "action") VALUES
  (1, 'dashboard', 'read'), (2, 'dashboard', 'write'), (3, 'plugin', 'install'), (4, 'plugin', 'publish'),
  (5, 'gateway', 'read'), (6, 'gateway', 'operate'), (7, 'capacity', 'commit'), (8, 'api-key', 'create'),
  (9, 'team', 'manage'), (10, 'billing', 'manage'), (11, 'post', 'moderate'), (12, 'flag', 'toggle')
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"public"."Permission"', 'id'), max("id")) FROM "public"."Permission";

INSERT INTO "public"."_PermissionToRole" ("A", "B")
SELECT permission, role FROM (VALUES
  (1, ARRAY[1, 4]), (2, ARRAY[1, 2, 3, 4, 8]), (3, ARRAY[1, 5, 6, 7]), (4, ARRAY[9, 10]), (5, ARRAY[4, 9, 10, 12]), (6, ARRAY[11])
) AS v (role, permissions), unnest(permissions) AS permission
ON CONFLICT DO NOTHING;

-- Teams.

INSERT INTO "public"."Team" ("id", "slug", "name", "plan", "ownerId", "parentId", "seatLimit", "settings", "createdAt", "updatedAt")
SELECT '20000000-0000-4000-8000-' || lpad(n::text, 12, '0'), slug, name, plan::"public"."TeamPlan",
       '10000000-0000-4000-8000-' || lpad(owner::text, 12, '0'),
       '20000000-0000-4000-8000-' || lpad(parent::text, 12, '0'), seats,
       jsonb_build_object('defaultRegion', region, 'ssoRequired', plan = 'enterprise'),
       timestamp '2026-02-02 10:00' + n * interval '9 days', timestamp '2026-09-15 10:00' + n * interval '1 day'
FROM (VALUES
  (1, 'northern-lights',  'Northern Lights Video', 'enterprise', 2, NULL::int, 40, 'eu-north'),
  (2, 'northern-live',    'Northern Lights Live',  'studio',     5, 1,         15, 'eu-north'),
  (3, 'sao-paulo-nodes',  'São Paulo Nodes',       'builder',    4, NULL,      10, 'sa-east'),
  (4, 'pixel-garden',     'Pixel Garden',          'studio',     3, NULL,      12, 'ap-northeast'),
  (5, 'open-gateway',     'Open Gateway Guild',    'free',       8, NULL,      5,  'us-west')
) AS v (n, slug, name, plan, owner, parent, seats, region)
ON CONFLICT DO NOTHING;

INSERT INTO "public"."TeamMember" ("teamId", "userId", "role", "title", "joinedAt")
SELECT '20000000-0000-4000-8000-' || lpad(team::text, 12, '0'), '10000000-0000-4000-8000-' || lpad(member::text, 12, '0'),
       role::"public"."TeamRole", title, timestamp '2026-02-20 09:00' + (team * 20 + member) * interval '13 hours'
FROM (VALUES
  (1, 2, 'owner', 'Founder'), (1, 5, 'admin', 'Head of data'), (1, 12, 'developer', NULL), (1, 10, 'viewer', 'Auditor'),
  (2, 5, 'owner', NULL), (2, 14, 'developer', 'Docs'), (2, 7, 'developer', 'Design'),
  (3, 4, 'owner', 'Operator'), (3, 13, 'admin', NULL), (3, 9, 'developer', NULL),
  (4, 3, 'owner', 'Artist'), (4, 11, 'developer', 'Research'), (4, 16, 'developer', NULL),
  (5, 8, 'owner', NULL), (5, 15, 'admin', 'Treasurer'), (5, 6, 'developer', NULL), (5, 1, 'viewer', NULL)
) AS v (team, member, role, title)
ON CONFLICT DO NOTHING;

INSERT INTO "public"."TeamInvitation" ("id", "teamId", "invitedById", "email", "role", "expiresAt", "acceptedAt") VALUES
  ('cm0invite000000000000001', '20000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000002', 'yara.silva@example.org',  'viewer',    '2026-11-01 00:00', NULL),
  ('cm0invite000000000000002', '20000000-0000-4000-8000-000000000004', '10000000-0000-4000-8000-000000000003', 'grace.kim@example.org',   'developer', '2026-06-01 00:00', '2026-05-20 07:12'),
  ('cm0invite000000000000003', '20000000-0000-4000-8000-000000000005', '10000000-0000-4000-8000-000000000015', 'hello@studio.example',    'admin',     '2026-10-20 00:00', NULL)
ON CONFLICT DO NOTHING;

INSERT INTO "public"."RoleAssignment" ("id", "userId", "roleId", "teamId", "grantedById", "grantedAt", "expiresAt")
SELECT '21000000-0000-4000-8000-' || lpad(n::text, 12, '0'), '10000000-0000-4000-8000-' || lpad(holder::text, 12, '0'), role,
       '20000000-0000-4000-8000-' || lpad(team::text, 12, '0'), '10000000-0000-4000-8000-' || lpad(grantor::text, 12, '0'),
       timestamp '2026-03-01 08:00' + n * interval '2 days', expires::timestamp
FROM (VALUES
  (1, 1, 5, NULL::int, NULL::int, NULL), (2, 10, 5, NULL, 1, '2026-12-31 00:00'), (3, 14, 6, NULL, 1, NULL),
  (4, 2, 4, 1, 1, NULL), (5, 5, 4, 2, 2, NULL), (6, 4, 3, 3, 1, NULL), (7, 9, 3, 3, 4, NULL),
  (8, 3, 4, 4, 1, NULL), (9, 8, 3, 5, 1, NULL), (10, 6, 2, 5, 8, NULL)
) AS v (n, holder, role, team, grantor, expires)
ON CONFLICT DO NOTHING;

-- Billing.

INSERT INTO "public"."BillingAccount" ("id", "teamId", "email", "currency", "balance", "creditLine", "taxId", "address", "createdAt") VALUES
  ('22000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'accounts@northern.example', 'EUR', 1840.55, 5000.00, 'SE556677889901', '{"city": "Stockholm", "country": "SE", "zip": "111 22"}', '2026-02-12 09:00'),
  ('22000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000003', 'finance@spnodes.example',   'USD', -32.10,  250.00,  NULL,             '{"city": "São Paulo", "country": "BR"}',                 '2026-03-02 14:20'),
  ('22000000-0000-4000-8000-000000000003', '20000000-0000-4000-8000-000000000004', 'pay@pixelgarden.example',   'JPY', 98000,   300000,  'T1234567890123', NULL,                                                     '2026-03-11 02:45')
ON CONFLICT DO NOTHING;

INSERT INTO "public"."Invoice" ("id", "number", "accountId", "status", "periodAt", "dueOn", "total", "paidAt")
SELECT n, 'NP-2026-' || lpad(n::text, 4, '0'), '22000000-0000-4000-8000-' || lpad((1 + (n - 1) / 2)::text, 12, '0'),
       (CASE WHEN n % 2 = 1 THEN 'paid' ELSE 'open' END)::"public"."InvoiceStatus",
       CASE WHEN n % 2 = 1 THEN date '2026-08-01' ELSE date '2026-09-01' END, CASE WHEN n % 2 = 1 THEN date '2026-09-15' ELSE date '2026-10-15' END,
       round(120.25 + n * 83.4 + 49, 2), CASE WHEN n % 2 = 1 THEN timestamp '2026-09-04 11:00' + n * interval '1 day' END
FROM generate_series(1, 6) AS n
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"public"."Invoice"', 'id'), max("id")) FROM "public"."Invoice";

INSERT INTO "public"."InvoiceLine" ("invoiceId", "line", "label", "quantity", "unitPrice", "amount")
SELECT n, 1, 'Transcoded minutes', (120.25 + n * 83.4) / 0.005, 0.005, round(120.25 + n * 83.4, 2) FROM generate_series(1, 6) AS n
UNION ALL
SELECT n, 2, 'Seats', 1, 49, 49 FROM generate_series(1, 6) AS n
ON CONFLICT DO NOTHING;

-- Plugins.

INSERT INTO "public"."Publisher" ("id", "userId", "slug", "name", "website", "verified", "publicKey", "createdAt") VALUES
  ('cm0publisher00000000000001', '10000000-0000-4000-8000-000000000001', 'platform',     'The platform',   'https://platform.example',     true,  sha256('platform key'::bytea),     '2026-01-12 08:00'),
  ('cm0publisher00000000000002', '10000000-0000-4000-8000-000000000004', 'spnodes',      'São Paulo Nodes', 'https://spnodes.example',     true,  sha256('spnodes key'::bytea),      '2026-03-05 08:00'),
  ('cm0publisher00000000000003', '10000000-0000-4000-8000-000000000003', 'pixel-garden', 'Pixel Garden',   'https://pixelgarden.example',  false, NULL,                              '2026-04-17 08:00')
ON CONFLICT DO NOTHING;

INSERT INTO "public"."PluginCategory" ("id", "slug", "title", "position", "parentId") VALUES
  (1, 'network',    'Network',       10, NULL),
  (2, 'gateways',   'Gateways',      11, 1),
  (3, 'staking',    'Staking',       12, 1),
  (4, 'ai',         'AI video',      20, NULL),
  (5, 'developer',  'Developers',    30, NULL),
  (6, 'people',     'Community',     40, NULL)
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"public"."PluginCategory"', 'id'), max("id")) FROM "public"."PluginCategory";

INSERT INTO "public"."Plugin"
  ("id", "name", "title", "summary", "publisherId", "status", "routes", "keywords", "manifest", "downloads", "rating", "core", "createdAt", "updatedAt")
SELECT '30000000-0000-4000-8000-' || lpad(n::text, 12, '0'), name, title, summary, 'cm0publisher0000000000000' || publisher,
       status::"public"."PluginStatus", ARRAY['/' || name], string_to_array(keywords, ' '),
       jsonb_build_object('schemaVersion', 2, 'icon', icon, 'permissions', jsonb_build_array('storage', 'events')),
       downloads, rating, publisher = 1, timestamp '2026-01-20 10:00' + n * interval '11 days', timestamp '2026-09-20 10:00' + n * interval '1 day'
FROM (VALUES
  (1, 'community',        'Community Hub',      'Questions, guides and reputation',          1, 'published', 'forum posts badges',     'users',     18400, 4.6),
  (2, 'my-wallet',        'My Wallet',          'Stake, delegations and rewards',            1, 'published', 'staking rewards',        'wallet',    21350, 4.4),
  (3, 'my-dashboard',     'My Dashboard',       'Charts of the network, made by you',        1, 'published', 'charts metrics',         'chart-bar', 15020, 4.1),
  (4, 'daydream-video',   'Daydream Video',     'Live video through diffusion models',       1, 'published', 'ai live diffusion',      'sparkles',  9875,  4.8),
  (5, 'gateway-manager',  'Gateway Manager',    'Gateways, routes and prices in one place',  1, 'published', 'gateway routing',        'server',    7410,  3.9),
  (6, 'capacity-planner', 'Capacity Planner',   'Ask for GPUs, promise GPUs',                1, 'published', 'gpu capacity',           'cpu',       4205,  4.0),
  (7, 'developer-api',    'Developer API',      'Models, keys and usage',                    1, 'published', 'api keys models',        'key',       11230, 4.5),
  (8, 'round-alerts',     'Round Alerts',       'A message when a reward call is missed',    2, 'published', 'alerts staking',         'bell',      1310,  4.2),
  (9, 'style-mixer',      'Style Mixer',        'Blend prompts on a live stream',            3, 'review',    'ai live art',            'palette',   42,    NULL)
) AS v (n, name, title, summary, publisher, status, keywords, icon, downloads, rating)
ON CONFLICT DO NOTHING;

INSERT INTO "public"."_PluginToPluginCategory" ("A", "B")
SELECT '30000000-0000-4000-8000-' || lpad(plugin::text, 12, '0'), category
FROM (VALUES (1, 6), (2, 3), (3, 1), (3, 5), (4, 4), (5, 2), (6, 1), (7, 5), (7, 4), (8, 3), (9, 4)) AS v (plugin, category)
ON CONFLICT DO NOTHING;

INSERT INTO "public"."PluginVersion" ("id", "pluginId", "version", "changelog", "bundleUrl", "bundleSize", "integrity", "minPlatform", "publishedAt", "yankedAt")
SELECT '31000000-0000-4000-8000-' || lpad((p * 10 + v)::text, 12, '0'), '30000000-0000-4000-8000-' || lpad(p::text, 12, '0'),
       '1.' || v || '.0', CASE v WHEN 0 THEN 'First release' ELSE 'Faster lists, fewer requests' END,
       'https://cdn.platform.example/plugins/' || p || '/1.' || v || '.0/bundle.js', 184000 + p * 7321 + v * 911,
       'sha384-' || encode(sha256(convert_to('bundle ' || p || '.' || v, 'UTF8')), 'base64'), '1.' || v || '.0',
       CASE WHEN p < 9 THEN timestamp '2026-02-01 12:00' + (p * 5 + v * 60) * interval '1 day' END,
       CASE WHEN p = 5 AND v = 0 THEN timestamp '2026-05-04 09:15' END
FROM generate_series(1, 9) AS p, generate_series(0, 1) AS v
WHERE p < 8 OR v = 0
ON CONFLICT DO NOTHING;

INSERT INTO "public"."PluginInstallation" ("id", "pluginId", "versionId", "teamId", "installedBy", "enabled", "position", "config", "installedAt")
SELECT '32000000-0000-4000-8000-' || lpad(n::text, 12, '0'), '30000000-0000-4000-8000-' || lpad(plugin::text, 12, '0'),
       '31000000-0000-4000-8000-' || lpad((plugin * 10 + minor)::text, 12, '0'), '20000000-0000-4000-8000-' || lpad(team::text, 12, '0'),
       '10000000-0000-4000-8000-' || lpad(who::text, 12, '0'), enabled, n * 10, config::jsonb, timestamp '2026-05-01 09:00' + n * interval '31 hours'
FROM (VALUES
  (1,  1, 1, 1, 2, true, '{}'), (2, 3, 1, 1, 5, true, '{"home": "network-health"}'), (3, 5, 1, 1, 2, true, '{"region": "eu-north"}'),
  (4,  2, 1, 3, 4, true, '{"autoClaim": true}'), (5, 6, 1, 3, 13, true, '{}'), (6, 8, 0, 3, 4, true, '{"channel": "email", "quiet": [22, 7]}'),
  (7,  4, 1, 4, 3, true, '{"model": "stream-diffusion-xl"}'), (8, 7, 1, 4, 11, true, '{}'), (9, 7, 1, 5, 6, true, '{}'),
  (10, 5, 0, 5, 8, false, '{}'), (11, 2, 1, NULL::int, 19, true, '{}'), (12, 1, 1, NULL, 14, true, '{"digest": "daily"}')
) AS v (n, plugin, minor, team, who, enabled, config)
ON CONFLICT DO NOTHING;

INSERT INTO "public"."PluginReview" ("pluginId", "userId", "stars", "title", "body", "createdAt", "updatedAt")
SELECT '30000000-0000-4000-8000-' || lpad(plugin::text, 12, '0'), '10000000-0000-4000-8000-' || lpad(who::text, 12, '0'), stars, title, body,
       timestamp '2026-06-01 15:00' + (plugin * 3 + who) * interval '1 day', timestamp '2026-06-01 15:00' + (plugin * 3 + who) * interval '1 day'
FROM (VALUES
  (1, 7, 5, 'Friendly place', 'Got an answer about reward cuts within an hour.'), (2, 12, 4, 'Clear numbers', NULL),
  (2, 19, 5, 'Claims just work', 'Auto-claim every round, no surprises.'), (3, 5, 4, 'Good charts', 'More panel kinds, please.'),
  (4, 13, 5, 'Magic on stage', 'Used it live at a festival; latency stayed under a second.'), (5, 8, 3, 'Needs bulk edit', 'Editing 40 routes one by one is no fun.'),
  (7, 6, 5, 'Keys in a minute', NULL), (8, 4, 4, 'Saved my round', 'It''s quiet until it matters.')
) AS v (plugin, who, stars, title, body)
ON CONFLICT DO NOTHING;

-- The platform's own machinery.

INSERT INTO "public"."ApiToken" ("id", "userId", "label", "prefix", "digest", "scopes", "lastUsedAt", "expiresAt")
SELECT ('33000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, '10000000-0000-4000-8000-' || lpad(who::text, 12, '0'), label,
       'np_' || left(md5('token ' || n), 5), sha256(convert_to('api token ' || n, 'UTF8')), string_to_array(scopes, ' '), used::timestamp, timestamp '2027-06-30 00:00'
FROM (VALUES
  (1, 2, 'terraform', 'read write', '2026-10-04 03:00'), (2, 5, 'nightly export', 'read', '2026-10-05 01:30'),
  (3, 8, 'gateway agent', 'read gateway:operate', '2026-10-05 08:59'), (4, 6, 'laptop', 'read', NULL)
) AS v (n, who, label, scopes, used)
ON CONFLICT DO NOTHING;

INSERT INTO "public"."Secret" ("id", "teamId", "name", "ciphertext", "nonce", "keyVersion", "rotatedAt")
SELECT '34000000-0000-4000-8000-' || lpad(n::text, 12, '0'), '20000000-0000-4000-8000-' || lpad(team::text, 12, '0'), name,
       sha256(convert_to('cipher ' || n, 'UTF8')), substring(sha256(convert_to('nonce ' || n, 'UTF8')) FOR 12), 1 + n % 2, timestamptz '2026-07-01 00:00Z' + n * interval '8 days'
FROM (VALUES (1, 1, 'SMTP_PASSWORD'), (2, 1, 'S3_SECRET_KEY'), (3, 3, 'ALERT_HOOK'), (4, 4, 'MODEL_HUB_TOKEN')) AS v (n, team, name)
ON CONFLICT DO NOTHING;

INSERT INTO "public"."FeatureFlag" ("key", "description", "enabled", "rollout", "variants", "updatedAt") VALUES
  ('wallet.auto-claim',    'Claim rewards at the end of each round',       true,  100.00, NULL,                                     '2026-08-01 09:00'),
  ('gateway.trickle',      'Offer the trickle protocol in new routes',     true,  25.00,  '{"on": 25, "off": 75}',                  '2026-09-12 09:00'),
  ('dashboard.map-panel',  'Panels that draw regions on a map',            false, 0,      NULL,                                     '2026-09-20 09:00'),
  ('daydream.face-lock',   'Keep faces stable between frames',             true,  12.50,  '{"strong": 5, "soft": 7.5, "off": 87.5}','2026-10-01 09:00')
ON CONFLICT DO NOTHING;

INSERT INTO "public"."FeatureFlagRule" ("id", "flagKey", "position", "attribute", "values", "variant") VALUES
  (1, 'gateway.trickle',    1, 'team.slug',   ARRAY['open-gateway', 'northern-lights'], 'on'),
  (2, 'gateway.trickle',    2, 'user.locale', ARRAY['sv', 'nb', 'de'],                  'on'),
  (3, 'daydream.face-lock', 1, 'team.plan',   ARRAY['studio', 'enterprise'],            'soft')
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"public"."FeatureFlagRule"', 'id'), max("id")) FROM "public"."FeatureFlagRule";

INSERT INTO "public"."WebhookEndpoint" ("id", "teamId", "url", "events", "secret", "active", "createdAt") VALUES
  ('cm0webhook0000000000000001', '20000000-0000-4000-8000-000000000001', 'https://hooks.northern.example/platform', ARRAY['invoice.paid', 'member.joined'],   'whsec_5d41402abc4b2a76', true,  '2026-04-01 10:00'),
  ('cm0webhook0000000000000002', '20000000-0000-4000-8000-000000000003', 'https://spnodes.example/in/platform',     ARRAY['capacity.requested'],              'whsec_7b52009b64fd0a2a', true,  '2026-05-09 10:00'),
  ('cm0webhook0000000000000003', '20000000-0000-4000-8000-000000000005', 'https://old.gateway.example/hook',        ARRAY['gateway.offline'],                 'whsec_8f14e45fceea167a', false, '2026-05-30 10:00')
ON CONFLICT DO NOTHING;

INSERT INTO "public"."WebhookDelivery" ("id", "endpointId", "event", "payload", "statusCode", "attempt", "tookMs", "sentAt")
SELECT n, 'cm0webhook000000000000000' || (1 + n % 3), (ARRAY['invoice.paid', 'capacity.requested', 'gateway.offline'])[1 + n % 3],
       jsonb_build_object('id', 9000 + n, 'sequence', n), CASE WHEN n % 3 = 2 THEN NULL WHEN n = 6 THEN 500 ELSE 200 END,
       CASE WHEN n % 3 = 2 THEN 3 ELSE 1 END, 38.5 + n * 12.25, timestamp '2026-09-28 06:00' + n * interval '9 hours'
FROM generate_series(1, 7) AS n
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"public"."WebhookDelivery"', 'id'), max("id")) FROM "public"."WebhookDelivery";

INSERT INTO "public"."Notification" ("id", "userId", "level", "title", "body", "link", "data", "readAt", "createdAt")
SELECT n, '10000000-0000-4000-8000-' || lpad(who::text, 12, '0'), level::"public"."NotificationLevel", title, body, link, data::jsonb, seen::timestamp,
       timestamp '2026-10-01 07:00' + n * interval '7 hours'
FROM (VALUES
  (1, 4,  'critical', 'Reward call missed',           'Round 3412 ended without a reward call.',  '/my-wallet/rounds/3412', '{"round": 3412}', '2026-10-01 18:20'),
  (2, 8,  'warning',  'Gateway us-west-1 degraded',   'p99 above 900 ms for 15 minutes.',         '/gateway-manager',       '{"p99": 914.2}',  NULL),
  (3, 9,  'info',     'New capacity request',         '8 × L40S in eu-north from 1 November.',    '/capacity-planner',      NULL,              NULL),
  (4, 14, 'success',  'Your guide was pinned',        NULL,                                       '/community',             NULL,              '2026-10-02 12:00'),
  (5, 6,  'warning',  'Key ending in 4f2a expires',   'Rotate it before 31 October.',             '/developer-api/keys',    '{"days": 25}',    NULL),
  (6, 2,  'info',     'Invoice NP-2026-0002 is open', NULL,                                       '/billing',               NULL,              NULL)
) AS v (n, who, level, title, body, link, data, seen)
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"public"."Notification"', 'id'), max("id")) FROM "public"."Notification";

INSERT INTO "public"."audit_event" ("id", "actor_id", "action", "target_type", "target_id", "ip", "change", "at")
SELECT n, '10000000-0000-4000-8000-' || lpad(who::text, 12, '0'), action, target, target_id, ip::inet, change::jsonb, timestamptz '2026-09-01 06:00Z' + n * interval '17 hours'
FROM (VALUES
  (1,  1,         'role.grant',        'User',    'obrown',          '203.0.113.7',  '{"role": [null, "platform-admin"]}'),
  (2,  1,         'user.suspend',      'User',    'pnovak',          '203.0.113.7',  '{"status": ["active", "suspended"]}'),
  (3,  2,         'team.plan.change',  'Team',    'northern-lights', '198.51.100.12','{"plan": ["studio", "enterprise"]}'),
  (4,  8,         'plugin.disable',    'Plugin',  'gateway-manager', '2001:db8::42', '{"enabled": [true, false]}'),
  (5,  NULL::int, 'session.expire',    'Session', NULL,              NULL,           '{"count": 214}'),
  (6,  5,         'secret.rotate',     'Secret',  'S3_SECRET_KEY',   '198.51.100.15',NULL),
  (7,  3,         'plugin.submit',     'Plugin',  'style-mixer',     '192.0.2.33',   '{"status": ["draft", "review"]}'),
  (8,  10,        'flag.rollout',      'Flag',    'gateway.trickle', '203.0.113.80', '{"rollout": [10, 25]}')
) AS v (n, who, action, target, target_id, ip, change)
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"public"."audit_event"', 'id'), max("id")) FROM "public"."audit_event";
