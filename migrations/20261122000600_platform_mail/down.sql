DROP TABLE platform.link_keys;
DROP TABLE platform.mail_refusals;
DROP TABLE platform.mails;
