DROP TABLE platform.exports;
DELETE FROM platform.jobs WHERE kind IN ('export.write', 'export.collect');
