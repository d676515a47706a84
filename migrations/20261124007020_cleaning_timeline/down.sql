DROP TABLE cleaning.comments;
DROP TABLE cleaning.timeline_entries;
