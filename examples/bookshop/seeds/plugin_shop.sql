INSERT INTO "ShopOrder" (id, "userId", state, placed)
SELECT i, 1 + i * 5 % 6, (ARRAY['OPEN', 'PAID', 'SENT'])[1 + i % 3]::"ShopState", timestamp '2026-04-01 08:00' + i * interval '7 hours'
FROM generate_series(1, 120) AS i;

INSERT INTO "ShopLine" ("orderId", isbn, count)
SELECT o, '978-0-00-0000' || lpad((1 + (o + l * 5) % 9)::text, 2, '0') || '-' || (ARRAY[1, 8, 5, 2, 9, 6, 3, 0, 7])[1 + (o + l * 5) % 9], 1 + (o * l) % 3
FROM generate_series(1, 120) AS o, generate_series(1, 3) AS l
WHERE l <= 1 + o % 3;
