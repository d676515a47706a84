DROP TABLE cleaning.agreements;
