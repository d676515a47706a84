DROP TABLE cleaning.notes;
