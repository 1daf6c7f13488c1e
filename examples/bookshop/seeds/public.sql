INSERT INTO "User" (id, email, name, role, "createdAt") VALUES
  (1, 'ada@example.org',    'Ada Byron',      'ADMIN',  '2026-01-05 09:00:00'),
  (2, 'blaise@example.org', 'Blaise Pascal',  'SELLER', '2026-01-06 10:30:00'),
  (3, 'carl@example.org',   'Carl Gauss',     'READER', '2026-01-12 14:15:00'),
  (4, 'emmy@example.org',   'Emmy Noether',   'READER', '2026-02-01 08:45:00'),
  (5, 'kurt@example.org',   'Kurt Gödel',     'READER', '2026-02-14 19:20:00'),
  (6, 'sofia@example.org',  'Sofia Kovalevskaya', 'SELLER', '2026-03-03 11:05:00');
