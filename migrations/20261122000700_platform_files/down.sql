DROP TABLE platform.files;
