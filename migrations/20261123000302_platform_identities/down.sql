DROP TABLE platform.identities;
