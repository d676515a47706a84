DROP TABLE cleaning.users;
