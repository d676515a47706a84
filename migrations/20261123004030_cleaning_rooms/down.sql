DROP VIEW cleaning.priced_rooms;
DROP TABLE cleaning.rooms;
