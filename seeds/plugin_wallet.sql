-- Wallet: connected wallets, whom they delegate to, and what each round brought.

INSERT INTO "plugin_wallet"."WalletConnection" ("id", "userId", "address", "chainId", "kind", "label", "primary", "connectedAt")
SELECT '50000000-0000-4000-8000-' || lpad(n::text, 12, '0'), '10000000-0000-4000-8000-' || lpad(who::text, 12, '0'),
       '0x' || left(encode(sha256(convert_to('wallet ' || n, 'UTF8')), 'hex'), 40), chain, kind::"plugin_wallet"."WalletKind", label, n <> 6,
       timestamp '2026-03-03 12:00' + n * interval '15 days'
FROM (VALUES
  (1, 2, 42161, 'ledger', 'cold'), (2, 4, 42161, 'metamask', NULL), (3, 5, 42161, 'walletConnect', 'phone'), (4, 12, 42161, 'metamask', NULL),
  (5, 19, 42161, 'safe', 'treasury 2/3'), (6, 2, 1, 'metamask', 'mainnet')
) AS v (n, who, chain, kind, label)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_wallet"."WalletOrchestrator"
  ("address", "name", "service_uri", "reward_cut", "fee_share", "total_stake", "active", "regions", "activated_in")
SELECT '0x' || left(encode(sha256(convert_to('orchestrator ' || n, 'UTF8')), 'hex'), 40), name, 'https://o' || n || '.nodes.example:8935',
       reward_cut, fee_share, stake, n <> 8, string_to_array(regions, ' '), 2100 + n * 97
FROM (VALUES
  (1, 'aurora-one',    12.5,  55,   412883.271828182845904523, 'eu-north eu-west'),
  (2, 'paulista',      8,     70,   289114.5,                  'sa-east'),
  (3, 'garden-gpu',    20,    40,   150777.25,                 'ap-northeast'),
  (4, 'fjord.video',   10,    60,   98012.125,                 'eu-north'),
  (5, 'mile-high',     15,    50,   77650,                     'us-west us-east'),
  (6, 'bosphorus',     9.75,  62.5, 51200.000000000000000001,  'eu-south'),
  (7, NULL,            100,   0,    12000,                     'us-east'),
  (8, 'old-faithful',  5,     80,   4033.75,                   'us-west')
) AS v (n, name, reward_cut, fee_share, stake, regions)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_wallet"."WalletRound" ("number", "start_block", "started_at", "inflation", "minted", "bonded_rate")
SELECT 3408 + n, 21900000 + n * 5760, timestamp '2026-09-28 04:00' + n * interval '19 hours 12 minutes', 0.000215 - n * 0.0000005, 9120.5 - n * 1.125, 0.487 + n * 0.0004
FROM generate_series(0, 5) AS n
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_wallet"."WalletReward" ("round", "orchestrator", "tokens", "feesEth", "called")
SELECT 3408 + r, '0x' || left(encode(sha256(convert_to('orchestrator ' || n, 'UTF8')), 'hex'), 40),
       CASE WHEN r = 4 AND n = 2 THEN 0 ELSE 1310.25 / n - r * 0.5 END, 0.184 / n + r * 0.003, NOT (r = 4 AND n = 2)
FROM generate_series(0, 5) AS r, generate_series(1, 5) AS n
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_wallet"."WalletDelegation" ("id", "connectionId", "orchestrator", "stake", "pendingFees", "sinceRound", "autoClaim", "updatedAt")
SELECT 'cm0delegation' || lpad(n::text, 12, '0'), '50000000-0000-4000-8000-' || lpad(wallet::text, 12, '0'),
       '0x' || left(encode(sha256(convert_to('orchestrator ' || target, 'UTF8')), 'hex'), 40), stake, fees, since, n % 3 <> 0, timestamp '2026-10-01 05:00' + n * interval '1 hour'
FROM (VALUES
  (1, 1, 1, 25000.5, 0.41, 2980), (2, 1, 4, 8000, 0.093, 3120), (3, 2, 2, 120000, 2.75, 2301), (4, 3, 1, 1500.125, 0.012, 3300),
  (5, 4, 4, 640, 0.004, 3391), (6, 5, 1, 60000, 1.2, 2750), (7, 5, 3, 30000, 0.66, 2751)
) AS v (n, wallet, target, stake, fees, since)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_wallet"."WalletUnbonding" ("delegationId", "lockId", "amount", "withdrawRound", "withdrawnAt") VALUES
  ('cm0delegation000000000001', 0, 1200.000000000000000000, 3401, '2026-09-23 10:02'),
  ('cm0delegation000000000001', 1, 500.5,                   3419, NULL),
  ('cm0delegation000000000006', 0, 10000,                   3415, NULL)
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_wallet"."WalletTransactionLog"
  ("id", "connectionId", "hash", "action", "status", "amountWei", "gasUsed", "gasPriceGwei", "blockNumber", "error", "submittedAt", "confirmedAt")
SELECT n, '50000000-0000-4000-8000-' || lpad((1 + n % 5)::text, 12, '0'), '0x' || encode(sha256(convert_to('transaction ' || n, 'UTF8')), 'hex'),
       (ARRAY['approve', 'bond', 'withdrawFees', 'unbond', 'rebond', 'withdrawStake', 'transfer'])[1 + n % 7]::"plugin_wallet"."WalletTxAction",
       (CASE n WHEN 18 THEN 'pending' WHEN 11 THEN 'failed' ELSE 'confirmed' END)::"plugin_wallet"."WalletTxStatus",
       (250 + n * 37) * 1000000000000000000::numeric, CASE WHEN n < 18 THEN 185000 + n * 4211 END, CASE WHEN n < 18 THEN 0.01 + n * 0.0021 END,
       CASE WHEN n < 18 THEN 21800000 + n * 5113 END, CASE WHEN n = 11 THEN 'execution reverted: caller must have an unbonding lock' END,
       timestamp '2026-07-04 09:00' + n * interval '4 days 7 hours', CASE WHEN n < 18 AND n <> 11 THEN timestamp '2026-07-04 09:00:13' + n * interval '4 days 7 hours' END
FROM generate_series(1, 18) AS n
ON CONFLICT DO NOTHING;
SELECT setval(pg_get_serial_sequence('"plugin_wallet"."WalletTransactionLog"', 'id'), max("id")) FROM "plugin_wallet"."WalletTransactionLog";

INSERT INTO "plugin_wallet"."wallet_price_tick" ("symbol", "at", "usd", "source")
SELECT symbol, timestamptz '2026-10-01 00:00Z' + h * interval '3 hours', round(price * (1 + ((h * 7) % 11 - 5) / 400.0), 8), 'median'
FROM (VALUES ('LPT', 7.4213::numeric), ('ETH', 3105.77)) AS v (symbol, price), generate_series(0, 9) AS h
ON CONFLICT DO NOTHING;

INSERT INTO "plugin_wallet"."WalletWatch" ("userId", "orchestrator", "note", "alertBelow", "createdAt")
SELECT '10000000-0000-4000-8000-' || lpad(who::text, 12, '0'), '0x' || left(encode(sha256(convert_to('orchestrator ' || target, 'UTF8')), 'hex'), 40),
       note, below, timestamp '2026-08-11 16:00' + (who * 8 + target) * interval '1 day'
FROM (VALUES (2, 2, 'lower cut than ours', 9.5), (4, 1, NULL, NULL::numeric), (12, 4, 'mine', 5), (12, 6, NULL, NULL), (19, 3, 'ask about region', 18)) AS v (who, target, note, below)
ON CONFLICT DO NOTHING;
