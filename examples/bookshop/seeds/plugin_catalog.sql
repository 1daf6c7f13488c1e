INSERT INTO "CatalogAuthor" (id, name, born) VALUES
  (1, 'Jane Austen', 1775), (2, 'Herman Melville', 1819), (3, 'Lewis Carroll', 1832),
  (4, 'Mary Shelley', 1797), (5, 'Jules Verne', 1828), (6, 'Lady Murasaki', NULL);

INSERT INTO "CatalogBook" (id, isbn, title, "authorId", price, published, tags) VALUES
  (1,  '978-0-00-000001-1', 'Pride and Prejudice',       1,  9.90, 1813, '{novel,love}'),
  (2,  '978-0-00-000002-8', 'Emma',                      1,  8.50, 1815, '{novel}'),
  (3,  '978-0-00-000003-5', 'Persuasion',                1,  7.20, 1817, '{novel,love}'),
  (4,  '978-0-00-000004-2', 'Moby-Dick',                 2, 12.00, 1851, '{novel,sea}'),
  (5,  '978-0-00-000005-9', 'Billy Budd',                2,  6.40, 1924, '{sea}'),
  (6,  '978-0-00-000006-6', 'Alice in Wonderland',       3,  5.95, 1865, '{children}'),
  (7,  '978-0-00-000007-3', 'The Hunting of the Snark',  3,  4.80, 1876, '{verse,sea}'),
  (8,  '978-0-00-000008-0', 'Frankenstein',              4, 10.30, 1818, '{novel,horror}'),
  (9,  '978-0-00-000009-7', 'The Last Man',              4, 11.00, 1826, '{novel}'),
  (10, '978-0-00-000010-3', 'Around the World in Eighty Days', 5, 9.10, 1873, '{travel}'),
  (11, '978-0-00-000011-0', 'Twenty Thousand Leagues Under the Seas', 5, 13.60, 1870, '{sea,travel}'),
  (12, '978-0-00-000012-7', 'The Tale of Genji',         6, 24.00, 1021, '{novel}');

INSERT INTO "CatalogReview" (id, "bookId", stars, text)
SELECT i, 1 + i * 7 % 12, 2 + i * 5 % 4, CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN 'Read it twice.' ELSE 'Better than the film.' END
FROM generate_series(1, 48) AS i;
